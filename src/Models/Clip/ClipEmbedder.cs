using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Sightline.Models.Images;
using Sightline.Models.Text;
using Sightline.Models.Weights;
using static TorchSharp.torch;

namespace Sightline.Models.Clip;

/// <summary>A CLIP checkpoint as an embedder: both towers, the tokenizer and the preprocessing that belong to its weights.</summary>
public sealed class ClipEmbedder : IEmbedder
{
    private readonly ClipModel _model;
    private readonly ClipPreprocess _preprocess;
    private readonly ClipTokenizer? _tokenizer;
    private readonly string _path;
    private readonly Lock _oneBatch = new();

    internal ClipEmbedder(ClipModel model, EmbeddingSpace space, ClipTokenizer? tokenizer, string path)
    {
        _model = model;
        _preprocess = new ClipPreprocess(model.Config);
        _tokenizer = tokenizer;
        _path = path;
        Space = space;
    }

    /// <inheritdoc/>
    public EmbeddingSpace Space { get; }

    /// <inheritdoc/>
    public int ImageSize => _model.Config.ImageSize;

    /// <summary>What the model runs on, such as <c>cpu bf16</c> or <c>cuda bf16</c>.</summary>
    public string Compute => $"{_model.Device} " + _model.Type switch
    {
        ScalarType.BFloat16 => "bf16",
        ScalarType.Float16 => "fp16",
        _ => "fp32",
    };

    /// <summary>A vocabulary lies beside the checkpoint; without one, only pictures can be embedded.</summary>
    public bool HasTokenizer => _tokenizer is not null;

    /// <summary>Loads a model folder or checkpoint file of the CLIP family (see docs/models.md for the layouts).</summary>
    /// <exception cref="ModelFormatException">The file is damaged, or is not a CLIP checkpoint; says what was found and what was
    /// expected.</exception>
    /// <exception cref="ArgumentException">The device or precision is unknown or not on this machine.</exception>
    public static ClipEmbedder Load(string path, ComputeOptions options)
    {
        var (device, type) = options.Resolve();
        var file = ModelFolder.FindCheckpoint(path);
        var (model, digest) = LoadModel(file);
        var folder = Path.GetDirectoryName(file)!;
        var tokenizer = ClipTokenizer.TryLoad(folder);
        if (tokenizer is not null && tokenizer.VocabularySize > model.Config.VocabularySize)
        {
            model.Dispose();
            throw new ModelFormatException(file,
                $"the vocabulary beside it has {tokenizer.VocabularySize} tokens, the weights have {model.Config.VocabularySize}.");
        }

        model.MoveTo(device, type);
        return new ClipEmbedder(model, new EmbeddingSpace(ModelFolder.NameOf(path), digest, model.Config.EmbedDim), tokenizer, file);
    }

    /// <inheritdoc/>
    public Embedding[] EmbedImages(IReadOnlyList<RgbImage> images, CancellationToken cancellationToken)
    {
        if (images.Count == 0)
        {
            return [];
        }

        using var span = Telemetry.Source.StartActivity("embed images")?.SetTag("sightline.batch.size", images.Count);
        var started = Stopwatch.GetTimestamp();
        var side = ImageSize;
        var squares = new byte[images.Count * side * side * 3];
        Parallel.For(0, images.Count, Cores.Options(cancellationToken), i =>
            _preprocess.Fill(images[i], squares.AsSpan(i * side * side * 3, side * side * 3)));
        return Run(Telemetry.ImageEmbedding, started, () => _model.EmbedImages(Normalise(tensor(squares, [images.Count, side, side, 3]))));
    }

    /// <inheritdoc/>
    /// <exception cref="ModelFormatException">No vocabulary lies beside the checkpoint.</exception>
    public Embedding[] EmbedTexts(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        if (texts.Count == 0)
        {
            return [];
        }

        cancellationToken.ThrowIfCancellationRequested();
        using var span = Telemetry.Source.StartActivity("embed texts")?.SetTag("sightline.batch.size", texts.Count);
        var started = Stopwatch.GetTimestamp();
        var rows = texts.Select(Encode).ToList();

        // Attention is causal: positions after the last end token of the batch change nothing and are not computed.
        var length = rows.Max(r => r.Length);
        var ids = new long[rows.Count * length];
        for (var i = 0; i < rows.Count; i++)
        {
            for (var j = 0; j < rows[i].Length; j++)
            {
                ids[i * length + j] = rows[i][j];
            }
        }

        return Run(Telemetry.TextEmbedding, started, () => _model.EmbedTexts(tensor(ids, [rows.Count, length])));
    }

    /// <inheritdoc/>
    /// <exception cref="ModelFormatException">No vocabulary lies beside the checkpoint.</exception>
    public int CountTokens(string text) => Encode(text).Length;

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    /// <returns>The model in float32 on the CPU, and the digest of its weights.</returns>
    internal static (ClipModel Model, string Digest) LoadModel(string file)
    {
        using var checkpoint = Checkpoint.Open(file);
        var weights = CanonicalWeights.From(checkpoint);
        using var source = new CheckpointSource(weights);
        var model = new ClipModel(source, ConfigReader.Read(file, weights));
        return (model, source.Digest);
    }

    private int[] Encode(string text) => _tokenizer?.Encode(text, _model.Config.ContextLength) ?? throw new ModelFormatException(_path,
        "words need a vocabulary, and none lies beside it: put vocab.json and merges.txt, or OpenAI's bpe_simple_vocab_16e6.txt.gz, into the folder.");

    // [N, S, S, 3] bytes -> [N, 3, S, S], (x / 255 - mean) / std, on the device.
    private Tensor Normalise(Tensor bytes)
    {
        var config = _model.Config;
        var scale = tensor([.. config.Std.Select(s => 1 / (255 * s))], [1, 3, 1, 1], device: _model.Device);
        var shift = tensor([.. config.Mean.Zip(config.Std, (m, s) => m / s)], [1, 3, 1, 1], device: _model.Device);
        return bytes.to(_model.Device).permute(0, 3, 1, 2).to(ScalarType.Float32).contiguous() * scale - shift;
    }

    private Embedding[] Run(Histogram<double> times, long started, Func<Tensor> tower)
    {
        lock (_oneBatch)
        {
            using var mode = inference_mode();
            using var scope = NewDisposeScope();
            var output = tower().cpu().contiguous();
            var dimensions = (int)output.size(1);
            var values = MemoryMarshal.Cast<byte, float>(output.bytes);
            var embeddings = new Embedding[values.Length / dimensions];
            for (var i = 0; i < embeddings.Length; i++)
            {
                embeddings[i] = Embedding.Normalize(Space, values.Slice(i * dimensions, dimensions));
            }

            times.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
            return embeddings;
        }
    }
}
