using System.Runtime.InteropServices;
using Sightline.Models.Images;
using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>
/// Candidates being made, one token of all of them a step, so that a device can do other work in between. Used by one thread at a time;
/// dispose it, finished or not.
/// </summary>
public sealed class GenerationRun : IDisposable
{
    private readonly ITokenModel _model;
    private readonly IDetokenizer _detokenizer;
    private readonly GenerationRequest _request;
    private ITokenDecoding? _decoding;
    private Tensor? _tokens; // [N, P]
    private Tensor? _noise; // [P, N]
    private int _start;
    private bool _disposed;

    internal GenerationRun(ITokenModel model, IDetokenizer detokenizer, GenerationRequest request)
    {
        request.Sampling.Validate();
        if (request.Fixed is { } given && given.Grid != model.Grid)
        {
            throw new ArgumentException($"Tokens of a {given.Grid} are not this model's, which has a {model.Grid}.", nameof(request));
        }

        (_model, _detokenizer, _request) = (model, detokenizer, request);
    }

    /// <summary>Of each candidate; those that are given count when their turn comes.</summary>
    public int TokensDone { get; private set; }

    public int TokensTotal => _model.Grid.Length;

    public bool IsSampled => TokensDone == TokensTotal;

    private SamplingOptions Sampling => _request.Sampling;

    /// <summary>Chooses the next token of every candidate. The first step reads the caption, and may take in many given tokens.</summary>
    /// <exception cref="InvalidOperationException">All tokens are chosen.</exception>
    public void Step(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        if (IsSampled)
        {
            throw new InvalidOperationException("All tokens are chosen.");
        }

        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        if (_decoding is null)
        {
            Begin();
        }

        var position = TokensDone;
        var logits = _decoding!.Next(position == _start ? null : _tokens!.select(1, position - 1));
        var chosen = _request.Fixed?.At(position) is { } given
            ? full([Sampling.Count], given, ScalarType.Int64, _model.Device)
            : TokenSampler.Sample(logits, Sampling, _noise!.select(0, position));
        _tokens!.select(1, position).copy_(chosen);
        TokensDone++;
    }

    /// <summary>The candidates as pictures, in order.</summary>
    /// <exception cref="InvalidOperationException">Tokens are still to be chosen.</exception>
    public IReadOnlyList<GeneratedImage> Finish(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!IsSampled)
        {
            throw new InvalidOperationException($"{TokensTotal - TokensDone} tokens are still to be chosen.");
        }

        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        var ids = MemoryMarshal.Cast<byte, long>(_tokens!.cpu().bytes).ToArray();
        var images = new List<GeneratedImage>();
        for (var candidate = 0; candidate < Sampling.Count; candidate++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var tokens = new ImageTokens(
                _model.Grid, Array.ConvertAll(ids[(candidate * TokensTotal)..((candidate + 1) * TokensTotal)], id => (int)id));
            images.Add(new GeneratedImage(Picture(_detokenizer, tokens, _model.Device), tokens, candidate));
        }

        return images;
    }

    public void Dispose()
    {
        _disposed = true;
        _decoding?.Dispose();
        _tokens?.Dispose();
        _noise?.Dispose();
    }

    /// <summary>Decodes one picture: full resolution is where memory peaks, and one already fills a device.</summary>
    internal static RgbImage Picture(IDetokenizer detokenizer, ImageTokens tokens, Device device)
    {
        using var scope = NewDisposeScope();
        var grid = tokens.Grid;
        var codes = tensor(Array.ConvertAll(tokens.Values.ToArray(), id => (long)id), [1, grid.Rows, grid.Columns], device: device);
        var bytes = (detokenizer.Decode(codes) * 255 + 0.5).to(ScalarType.Byte).permute(0, 2, 3, 1).contiguous().cpu(); // [1, H, W, 3]
        return new RgbImage((int)bytes.size(2), (int)bytes.size(1), bytes.bytes.ToArray());
    }

    private void Begin()
    {
        var (count, total) = (Sampling.Count, TokensTotal);
        var known = _request.Fixed?.Beginning() ?? [];
        var noise = new double[total * count];
        for (var i = 0; i < noise.Length; i++)
        {
            noise[i] = SamplingNoise.Uniform(Sampling.Seed, i % count, i / count);
        }

        _decoding = _model.Begin(_request.Caption, Sampling.Guidance != 1, count, known);
        _noise = tensor(noise, [total, count], device: _model.Device).DetachFromDisposeScope();
        _tokens = zeros([count, total], ScalarType.Int64, _model.Device).DetachFromDisposeScope();
        _start = TokensDone = _decoding.Position;
        for (var position = 0; position < _start; position++)
        {
            _tokens.select(1, position).fill_(known[position]);
        }
    }
}
