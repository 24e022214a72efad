using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>
/// A prior's candidates under way. The caption's keys and values are the same for all candidates and kept once; each candidate has slots
/// for its image tokens, laid out so that what a layer's pattern sees is one stretch: a step writes one slot and reads views.
/// </summary>
internal sealed class PriorDecoding : ITokenDecoding
{
    private readonly Prior _prior;
    private readonly int _candidates;
    private readonly PriorLayerCache[] _layers;
    private readonly Tensor _positions;
    private readonly long _branches;
    private readonly PriorKernel? _kernel;
    private Tensor? _first;

    /// <param name="text">[B, L]: the captions, one for each branch.</param>
    /// <param name="known">The first image tokens, taken in at once with the text; all but the last of a whole picture.</param>
    internal PriorDecoding(Prior prior, Tensor text, int candidates, ReadOnlySpan<int> known)
        : this(prior, text, candidates, known, PriorKernel.Serves(prior, text.size(0) * candidates) ? PriorKernel.BestInstructions : null)
    {
    }

    /// <param name="kernel">The instructions of <see cref="PriorKernel"/>; null: steps go through libtorch.</param>
    internal PriorDecoding(Prior prior, Tensor text, int candidates, ReadOnlySpan<int> known, int? kernel)
    {
        var config = prior.Config;
        (_prior, _candidates, _branches) = (prior, candidates, text.size(0));
        Position = Math.Min(known.Length, config.Grid.Length - 1);
        using var scope = NewDisposeScope();
        var patterns = config.Attention.Distinct().ToDictionary(a => a, a => new PriorLayerPattern(a, config.Grid, prior));
        _layers = [.. config.Attention.Select(a => new PriorLayerCache(prior, _branches, candidates, patterns[a]))];
        _positions = prior.ImagePositions().DetachFromDisposeScope();
        _first = TakeIn(text, known[..Position]).DetachFromDisposeScope();
        _kernel = kernel is { } instructions
            ? new PriorKernel(prior, _layers, _branches * candidates, candidates, instructions)
            : null;
    }

    /// <inheritdoc/>
    public int Position { get; private set; }

    /// <inheritdoc/>
    public Tensor Next(Tensor? chosen)
    {
        using var scope = NewDisposeScope();
        if (_first is { } logits)
        {
            _first = null;
            var alike = logits.clone().expand(_branches, _candidates, logits.size(-1)).MoveToOuterDisposeScope();
            logits.Dispose();
            return alike;
        }

        var position = Position++;
        var token = _prior.EmbedImage(chosen!.view(-1, 1), _positions.narrow(0, position, 1)); // [N, 1, D]
        var x = _branches == 1 ? token : token.repeat(_branches, 1, 1); // [B N, 1, D]
        if (_kernel is not null)
        {
            return _kernel.Step(x, position).view(_branches, _candidates, -1).MoveToOuterDisposeScope();
        }

        var hidden = _prior.Run(x, layer => (query, key, value) => _layers[layer].Step(query, key, value, position));
        var next = _prior.ImageLogits(hidden).view(_branches, _candidates, -1);
        return next.to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _kernel?.Dispose();
        _first?.Dispose();
        _positions.Dispose();
        foreach (var layer in _layers)
        {
            layer.Dispose();
        }
    }

    // The text and the tokens that are known, for all candidates at once. Returns the logits of the first token to choose, [B, 1, V].
    private Tensor TakeIn(Tensor text, ReadOnlySpan<int> known)
    {
        var x = _prior.EmbedText(text);
        if (known.Length > 0)
        {
            var ids = tensor(Array.ConvertAll(known.ToArray(), id => (long)id), [1, known.Length], device: text.device);
            var rows = _prior.EmbedImage(ids, _positions.narrow(0, 0, known.Length)); // [1, K, D]
            x = cat([x, rows.expand(_branches, known.Length, rows.size(2))], 1);
        }

        var length = x.size(1);
        var hidden = _prior.Run(x, layer => (query, key, value) =>
        {
            _layers[layer].Keep(key, value);
            var mask = _prior.Mask(layer).narrow(0, 0, length).narrow(1, 0, length);
            return nn.functional.scaled_dot_product_attention(query, key, value, mask);
        });
        return _prior.ImageLogits(hidden.narrow(1, length - 1, 1)).to(ScalarType.Float32);
    }
}
