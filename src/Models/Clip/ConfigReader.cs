using System.Text.Json;
using System.Text.RegularExpressions;
using Sightline.Models.Images;
using Sightline.Models.Weights;

namespace Sightline.Models.Clip;

/// <summary>
/// Infers a <see cref="ClipConfig"/> from the shapes of the weights, as openai/CLIP's build_model does, and takes from the files beside
/// them only what shapes do not tell: heads, activation, norm epsilon, end token, preprocessing. Where a file and the weights disagree,
/// that is an error naming both.
/// </summary>
internal sealed partial class ConfigReader
{
    // open_clip's wider towers do not have heads of 64 (ViT-H, g, bigG, e): all of them have 16.
    private static readonly int[] SixteenHeads = [1280, 1408, 1664, 1792];

    private readonly string _path;
    private readonly CanonicalWeights _weights;
    private readonly JsonElement _config;
    private readonly JsonElement _openClip;
    private readonly JsonElement _preprocess;

    private ConfigReader(string path, CanonicalWeights weights)
    {
        _path = path;
        _weights = weights;
        var folder = Path.GetDirectoryName(path)!;
        _config = Json(Path.Combine(folder, "config.json"));
        _openClip = Json(Path.Combine(folder, "open_clip_config.json"));
        _preprocess = Json(Path.Combine(folder, "preprocessor_config.json"));
    }

    /// <param name="path">The checkpoint; its configuration files lie beside it.</param>
    /// <param name="weights">Under canonical names.</param>
    /// <exception cref="ModelFormatException">A size is missing or impossible, or a file contradicts the weights.</exception>
    internal static ClipConfig Read(string path, CanonicalWeights weights) => new ConfigReader(path, weights).Read();

    private ClipConfig Read()
    {
        var context = Shape("positional_embedding", 2);
        var projection = Shape("text_projection", 2);
        var tokens = Shape("token_embedding.weight", 2);
        var text = Transformer("transformer.resblocks.", (int)projection[0], TextHeads, "text_config", "text_cfg");
        var (vision, resNet, image) = _weights.Has("visual.proj") ? ReadVision() : ReadResNet();
        Agree("projection_dim", Int(_config, "projection_dim"), projection[1]);
        Agree("vocab_size", Int(Part("text_config"), "vocab_size"), tokens[0]);
        Agree("max_position_embeddings", Int(Part("text_config"), "max_position_embeddings"), context[0]);
        var (mean, std, mode, filter) = ReadPreprocess();
        return new ClipConfig(
            (int)projection[1], image, vision, resNet, text, (int)context[0], (int)tokens[0], ReadActivation(), ReadEndToken(),
                mean, std, mode,
            filter, FloorCrop: _weights.Layout == WeightLayout.HuggingFace);
    }

    private (VisionTransformerConfig, ResNetConfig?, int) ReadVision()
    {
        var patch = (int)Shape("visual.conv1.weight", 4)[3];
        var width = (int)Shape("visual.conv1.weight", 4)[0];
        var grid = Grid("visual.positional_embedding");
        Agree("patch_size", Int(Part("vision_config"), "patch_size"), patch);
        Agree("image_size", Int(Part("vision_config"), "image_size"), grid * patch);
        return (new VisionTransformerConfig(
            Transformer("visual.transformer.resblocks.", width, VisionHeads, "vision_config", "vision_cfg"), patch), null, grid * patch);
    }

    private (VisionTransformerConfig?, ResNetConfig, int) ReadResNet()
    {
        int[] blocks = [.. Enumerable.Range(1, 4).Select(stage => Layers($"visual.layer{stage}."))];
        var width = (int)Shape("visual.layer1.0.conv1.weight", 4)[0];
        var channels = (int)Shape("visual.attnpool.positional_embedding", 2)[1];

        // Heads of 64 in the pool (openai/CLIP: width * 32 / 64).
        return (null, new ResNetConfig(blocks, width, Math.Max(1, channels / 64)), Grid("visual.attnpool.positional_embedding") * 32);
    }

    private TransformerConfig Transformer(string prefix, int width, Func<int, int> heads, string part, string openClipPart)
    {
        var layers = Layers(prefix);
        var mlp = layers == 0 ? 4 * width : (int)Shape($"{prefix}0.mlp.c_fc.weight", 2)[0];
        Agree("hidden_size", Int(Part(part), "hidden_size"), width);
        Agree("num_hidden_layers", Int(Part(part), "num_hidden_layers"), layers);
        Agree("layers", openClipPart == "text_cfg" ? Int(OpenClip(openClipPart), "layers") : null, layers);
        var eps = Part(part).ValueKind == JsonValueKind.Object
            && Part(part).TryGetProperty("layer_norm_eps", out var given) ? given.GetDouble() : 1e-5;
        var count = heads(width);
        return count > 0 && width % count == 0
            ? new TransformerConfig(width, layers, count, mlp, eps)
            : throw Wrong($"a width of {width} does not divide into {count} heads.");
    }

    private int VisionHeads(int width)
    {
        var openClip = OpenClip("vision_cfg");
        return Int(Part("vision_config"), "num_attention_heads")
            ?? (openClip.ValueKind == JsonValueKind.Object ? width / (Int(openClip, "head_width") ?? 64) : (int?)null)
            ?? Int(_config, "vision_heads")
            ?? Default(width, "vision_config", 12);
    }

    private int TextHeads(int width) =>
        Int(Part("text_config"), "num_attention_heads") ?? Int(OpenClip("text_cfg"), "heads") ?? Int(_config, "transformer_heads")
        ?? Default(width, "text_config", 8);

    // Hugging Face leaves out what equals its default.
    private int Default(int width, string part, int huggingFace)
    {
        if (_weights.Layout == WeightLayout.HuggingFace && Part(part).ValueKind == JsonValueKind.Object)
        {
            return huggingFace;
        }

        if (Array.IndexOf(SixteenHeads, width) >= 0 && part == "vision_config")
        {
            return 16;
        }

        return width % 64 == 0
            ? width / 64
            : throw Wrong(
                $"a width of {width} is not made of heads of 64; the number of heads must be in a config.json or open_clip_config.json beside it.");
    }

    private Activation ReadActivation()
    {
        var named = Text(Part("vision_config"), "hidden_act") ?? Text(Part("text_config"), "hidden_act") ?? Text(_config, "activation");
        if (named is not null)
        {
            return named switch
            {
                "quick_gelu" => Activation.QuickGelu,
                "gelu" => Activation.Gelu,
                _ => throw Wrong($"the activation {named} is not one of this family's (quick_gelu, gelu)."),
            };
        }

        if (_openClip.ValueKind == JsonValueKind.Object && _openClip.TryGetProperty("model_cfg", out var model))
        {
            return model.TryGetProperty("quick_gelu", out var quick)
                && quick.ValueKind == JsonValueKind.True ? Activation.QuickGelu : Activation.Gelu;
        }

        // Weights do not tell. What open_clip's registry trains without QuickGELU has these words in its name (docs/models.md).
        return ExactGeluName().IsMatch(Path.GetFullPath(_path)) ? Activation.Gelu : Activation.QuickGelu;
    }

    private int? ReadEndToken() =>
        _weights.Layout == WeightLayout.HuggingFace && Int(Part("text_config"), "eos_token_id") is { } end && end != 2 ? end : null;

    private (float[] Mean, float[] Std, ResizeMode Mode, ResampleFilter Filter) ReadPreprocess()
    {
        var from = _openClip.ValueKind == JsonValueKind.Object
            && _openClip.TryGetProperty("preprocess_cfg", out var given) ? given : _preprocess;
        var mean = Floats(from, "mean") ?? Floats(from, "image_mean") ?? Floats(_config, "image_mean") ?? ClipConfig.OpenAiMean;
        var std = Floats(from, "std") ?? Floats(from, "image_std") ?? Floats(_config, "image_std") ?? ClipConfig.OpenAiStd;
        var filter = Text(from, "interpolation") switch
        {
            "bilinear" => ResampleFilter.Bilinear,
            null when Int(from, "resample") == 2 => ResampleFilter.Bilinear,
            null or "bicubic" or "random" => ResampleFilter.Bicubic,
            { } other => throw Wrong($"interpolation {other} is not known (bicubic, bilinear)."),
        };
        var mode = Text(from, "resize_mode") switch
        {
            "squash" => ResizeMode.Squash,
            "longest" => ResizeMode.Longest,
            null or "shortest" => ResizeMode.Shortest,
            { } other => throw Wrong($"resize mode {other} is not known (shortest, squash, longest)."),
        };
        return (mean, std, mode, filter);
    }

    // Older Hugging Face files carry a second copy, which wins.
    private JsonElement Part(string name) =>
        _config.ValueKind != JsonValueKind.Object ? default
        : _config.TryGetProperty(name + "_dict", out var copy) && copy.ValueKind == JsonValueKind.Object ? copy
        : _config.TryGetProperty(name, out var part) ? part
        : default;

    private JsonElement OpenClip(string name) =>
        _openClip.ValueKind == JsonValueKind.Object && _openClip.TryGetProperty("model_cfg", out var model)
            && model.TryGetProperty(name, out var part) ? part : default;

    private int Layers(string prefix) => _weights.Names
        .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
        .Select(name => name[prefix.Length..].Split('.')[0]).Distinct().Count();

    private int Grid(string positions)
    {
        var rows = Shape(positions, 2)[0];
        var grid = (int)Math.Round(Math.Sqrt(rows - 1));
        return (long)grid * grid == rows - 1 ? grid : throw Wrong($"{positions} has {rows} rows, which is no square and one.");
    }

    private long[] Shape(string name, int rank)
    {
        var shape = _weights.ShapeOf(name);
        return shape.Length == rank
            ? shape
            : throw Wrong($"{name} [{string.Join(", ", shape)}] should have {rank} dimensions.");
    }

    private void Agree(string name, int? configured, long actual)
    {
        if (configured is { } said && said != actual)
        {
            throw Wrong($"the configuration says {name} {said}, the weights say {actual}.");
        }
    }

    private static int? Int(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt32(out var number) ? number : null;

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;

    private static float[]? Floats(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            && value.GetArrayLength() == 3
            ? [.. value.EnumerateArray().Select(v => v.GetSingle())] : null;

    private static JsonElement Json(string path)
    {
        if (!File.Exists(path))
        {
            return default;
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(path, $"this is no JSON: {e.Message}", e);
        }
    }

    private ModelFormatException Wrong(string problem) => new(_path, problem);

    [GeneratedRegex("laion2b|laion400m.*(b-?16|l-?14)|(b-?16|l-?14).*laion400m|datacomp|commonpool|dfn2b_s39b|tinyclip",
        RegexOptions.IgnoreCase)]
    private static partial Regex ExactGeluName();
}
