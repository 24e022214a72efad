using System.Text.Json;
using Sightline.Models.Weights;
using TorchSharp.Modules;

namespace Sightline.Models.Generation;

/// <summary>Sizes and choices of a transformer over text and image tokens.</summary>
/// <param name="Width">Of the residual stream.</param>
/// <param name="Heads">Divide the width.</param>
/// <param name="MlpWidth">Inside a block.</param>
/// <param name="TextVocabulary">Text tokens, padding apart.</param>
/// <param name="TextLength">Positions of the caption.</param>
/// <param name="Grid">The image tokens.</param>
/// <param name="Attention">What each layer sees of the image, the first layer's first.</param>
/// <param name="Sandwich">Each sub-layer's output is normalised too, before it is added (Ding et al., CogView, arXiv 2105.13290).</param>
/// <param name="LogitNorm">A second normalisation before the heads (ruDALL-E).</param>
/// <param name="Activation">The GELU's form.</param>
internal sealed record PriorConfig(
    int Width, int Heads, int MlpWidth, int TextVocabulary, int TextLength, TokenGrid Grid, IReadOnlyList<ImageAttention> Attention,
    bool Sandwich = false, bool LogitNorm = false, GELU.Approximate Activation = GELU.Approximate.none)
{
    internal const double NormEps = 1e-5;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { AllowTrailingCommas = true };

    private static readonly Dictionary<string, AttentionPattern> Patterns = new()
    {
        ["full"] = AttentionPattern.Full, ["row"] = AttentionPattern.Row, ["column"] = AttentionPattern.Column,
        ["convolution"] = AttentionPattern.Convolution, ["clamped_convolution"] = AttentionPattern.ClampedConvolution,
    };

    /// <summary>Of the patterns, as configurations write them.</summary>
    internal static IReadOnlyCollection<string> PatternNames => Patterns.Keys;

    internal static bool TryPattern(string name, out AttentionPattern pattern) => Patterns.TryGetValue(name, out pattern);

    /// <summary>
    /// Sizes from the weights; what they do not tell from the configuration beside them: heads (width / 64 where it is silent), the
    /// layers' patterns (the paper's) and the kernel of the convolutional ones (11).
    /// </summary>
    /// <exception cref="ModelFormatException">A tensor is missing, or the configuration contradicts the weights.</exception>
    internal static PriorConfig Read(StoredWeights weights)
    {
        var settings = ReadSettings(weights);
        var text = weights.ShapeOf("text_embedding.weight", 2);
        var width = (int)text[1];
        var layers = weights.Count("blocks.");
        var grid = new TokenGrid(
            (int)weights.ShapeOf("row_position", 2)[0], (int)weights.ShapeOf("column_position", 2)[0],
            (int)weights.ShapeOf("image_embedding.weight", 2)[0]);
        var attention = settings.Attention is null
            ? ImageAttention.PaperLayers(layers)
            : [.. settings.Attention.Select(name => TryPattern(name, out var pattern)
                ? new ImageAttention(pattern)
                : throw weights.Wrong($"the attention pattern {name} is unknown ({string.Join(", ", PatternNames)})."))];
        var kernel = settings.Kernel ?? 11;
        var heads = settings.Heads ?? width / 64;
        if (attention.Length != layers || heads < 1 || width % heads != 0 || kernel < 1 || kernel % 2 == 0)
        {
            throw weights.Wrong(
                $"config.json has {attention.Length} patterns for {layers} layers, {heads} heads for a width of {width}, "
                + $"a kernel of {kernel}.");
        }

        return new PriorConfig(
            width, heads, (int)weights.ShapeOf("blocks.0.mlp.c_fc.weight", 2)[0], (int)text[0], (int)weights.ShapeOf("text_position", 2)[0],
            grid, [.. attention.Select(a => a with { Kernel = kernel })], weights.Has("blocks.0.ln_1_out.weight"),
            weights.Has("ln_logits.weight"));
    }

    /// <summary>What <see cref="Read"/> finds in config.json.</summary>
    internal string ToJson() => JsonSerializer.Serialize(
        new PriorSettings(Heads, [.. Attention.Select(a => Patterns.Single(p => p.Value == a.Pattern).Key)], Attention[0].Kernel), Json);

    private static PriorSettings ReadSettings(StoredWeights weights)
    {
        var path = Path.Combine(Path.GetDirectoryName(weights.Path)!, "config.json");
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<PriorSettings>(File.ReadAllBytes(path), Json) ?? new() : new();
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(path, $"this is no configuration of a prior: {e.Message}", e);
        }
    }

    private sealed record PriorSettings(int? Heads = null, string[]? Attention = null, int? Kernel = null);
}
