using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sightline.Models;
using Sightline.Models.Clip;
using Sightline.Models.Images;
using Sightline.Models.Weights;
using static TorchSharp.torch;

namespace Sightline.Training.Clip;

/// <summary>Writes a CLIP as <see cref="ClipEmbedder"/> loads it: under OpenAI's names, in shards, with configuration, vocabulary and
/// card.</summary>
internal static class ClipExport
{
    private const long ShardBytes = 16 << 20;

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerOptions.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    // Whatever of these a vocabulary consists of.
    private static readonly string[] VocabularyFiles =
        ["vocab.json", "merges.txt", "tokenizer.json", "bpe_simple_vocab_16e6.txt.gz", "bpe_simple_vocab_16e6.txt"];

    /// <param name="weights">By OpenAI's names, float32 or float64 on the CPU.</param>
    /// <param name="matrices">How tensors of two dimensions and more are written; the others are in float32.</param>
    /// <param name="quality">Measured retrieval by language; null where nothing has been measured.</param>
    /// <exception cref="InvalidDataException">A weight is not finite, or too large for its type; names it.</exception>
    internal static void Write(
        string folder, ClipConfig config, IReadOnlyDictionary<string, Tensor> weights, WeightType matrices, string vocabulary,
        IReadOnlyDictionary<string, double>? quality)
    {
        SafetensorsWriter.WriteSharded(folder, [.. weights.Select(w => Stored(w.Key, w.Value, matrices))], ShardBytes);
        File.WriteAllText(Path.Combine(folder, "config.json"), Config(config).ToJsonString(Indented));
        if (config.Resize != ResizeMode.Shortest || config.Filter != ResampleFilter.Bicubic)
        {
            File.WriteAllText(Path.Combine(folder, "preprocessor_config.json"), Preprocessing(config).ToJsonString(Indented));
        }

        foreach (var file in VocabularyFiles.Where(f => File.Exists(Path.Combine(vocabulary, f))))
        {
            File.Copy(Path.Combine(vocabulary, file), Path.Combine(folder, file));
        }

        if (quality is not null)
        {
            var card = new ModelCard(
                [.. quality.Keys.Order(StringComparer.Ordinal)],
                [new ModelQuality("Text to image, R@10", "measured on the validation data of its training", quality)], null);
            File.WriteAllText(Path.Combine(folder, "card.json"), JsonSerializer.Serialize(card, Indented));
        }

        File.WriteAllText(Path.Combine(folder, "MODEL_CARD.md"), Describe(config, weights, quality));
    }

    private static TensorToWrite Stored(string name, Tensor tensor, WeightType matrices)
    {
        using var scope = NewDisposeScope();
        var type = tensor.ndim < 2 ? WeightType.Float32 : matrices;
        var stored = tensor.detach().to(type switch
        {
            WeightType.Float16 => ScalarType.Float16,
            WeightType.BFloat16 => ScalarType.BFloat16,
            _ => ScalarType.Float32,
        }).contiguous();
        return double.IsFinite(stored.to(ScalarType.Float32).abs().max().ToDouble())
            ? new TensorToWrite(name, type, tensor.shape, stored.bytes.ToArray())
            : throw new InvalidDataException($"{name} holds numbers that are not finite in {type}: the training has diverged.");
    }

    private static JsonObject Config(ClipConfig config)
    {
        var json = new JsonObject
        {
            ["architecture"] = "clip",
            ["layout"] = "openai",
            ["embed_dim"] = config.EmbedDim,
            ["image_resolution"] = config.ImageSize,
            ["vision_layers"] = config.ResNet is { } resNet
                ? new JsonArray([.. resNet.Blocks.Select(b => JsonValue.Create(b))])
                : JsonValue.Create(config.Vision!.Transformer.Layers),
            ["vision_width"] = config.ResNet?.Width ?? config.Vision!.Transformer.Width,
            ["vision_patch_size"] = config.Vision?.Patch,
            ["vision_heads"] = config.Vision?.Transformer.Heads,
            ["context_length"] = config.ContextLength,
            ["vocab_size"] = config.VocabularySize,
            ["transformer_width"] = config.Text.Width,
            ["transformer_heads"] = config.Text.Heads,
            ["transformer_layers"] = config.Text.Layers,
            ["activation"] = config.Activation == Activation.Gelu ? "gelu" : "quick_gelu",
            ["image_mean"] = Floats(config.Mean),
            ["image_std"] = Floats(config.Std),
        };
        if (config.Text.NormEps != 1e-5)
        {
            json["text_config"] = new JsonObject { ["layer_norm_eps"] = config.Text.NormEps };
        }

        if (config.Vision is { } vision && vision.Transformer.NormEps != 1e-5)
        {
            json["vision_config"] = new JsonObject { ["layer_norm_eps"] = vision.Transformer.NormEps };
        }

        return json;
    }

    private static JsonObject Preprocessing(ClipConfig config) => new()
    {
        ["image_mean"] = Floats(config.Mean),
        ["image_std"] = Floats(config.Std),
        ["interpolation"] = config.Filter == ResampleFilter.Bilinear ? "bilinear" : "bicubic",
        ["resize_mode"] = config.Resize switch
        {
            ResizeMode.Squash => "squash",
            ResizeMode.Longest => "longest",
            _ => "shortest",
        },
    };

    private static JsonArray Floats(float[] values) => new([.. values.Select(v => JsonValue.Create(v))]);

    private static string Describe(
        ClipConfig config, IReadOnlyDictionary<string, Tensor> weights, IReadOnlyDictionary<string, double>? quality)
    {
        var millions = weights.Sum(w => (double)w.Value.NumberOfElements) / 1e6;
        var tower = config.ResNet is { } resNet
            ? $"ModifiedResNet of layers {string.Join(", ", resNet.Blocks)} and width {resNet.Width}"
            : $"vision transformer of {config.Vision!.Transformer.Layers} layers, width {config.Vision.Transformer.Width}, "
                + $"patches of {config.Vision.Patch}";
        var rows = (quality ?? new Dictionary<string, double>()).OrderBy(q => q.Key, StringComparer.Ordinal)
            .Select(q => string.Create(CultureInfo.InvariantCulture, $"| {q.Key} | {q.Value:P1} |"));
        var table = quality is null
            ? ""
            : $"\nText to image, R@10 on the validation data:\n\n| language | R@10 |\n|---|---|\n{string.Join('\n', rows)}\n";
        return string.Create(CultureInfo.InvariantCulture, $"""
            # CLIP, trained with Sightline

            - **Shape:** {millions:F1} million parameters; {tower} over {config.ImageSize} x {config.ImageSize} pixels;
              text transformer of {config.Text.Layers} layers, width {config.Text.Width}, {config.ContextLength} tokens of context;
              {config.EmbedDim} dimensions. OpenAI's tensor names.
            - **Tokenizer:** byte-level BPE in CLIP's format, {config.VocabularySize} tokens.
            {table}
            """);
    }
}
