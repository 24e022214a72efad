using System.Text.Json;

namespace Sightline.Models;

/// <param name="Measure">What was measured, such as <c>ImageNet zero-shot, top-1</c>.</param>
/// <param name="Source">Who measured it, and on what.</param>
/// <param name="Values">By language (ISO 639-1), 0 to 1.</param>
public sealed record ModelQuality(string Measure, string Source, IReadOnlyDictionary<string, double> Values);

/// <summary>What is known of a model beside its weights: <c>card.json</c> in its folder, or published figures.</summary>
/// <param name="Languages">That it was trained on, ISO 639-1.</param>
/// <param name="License">What the weights may be used for; null: see the licence file.</param>
public sealed record ModelCard(IReadOnlyList<string> Languages, IReadOnlyList<ModelQuality> Quality, string? License)
{
    private const string FileName = "card.json";

    // Top-1 on ImageNet, from open_clip's table of results (docs/openclip_results.csv).
    private static readonly Dictionary<string, double> ImageNet = new()
    {
        ["ViT-B-32__openai"] = 0.6332, ["ViT-B-16__openai"] = 0.6834, ["ViT-L-14__openai"] = 0.7554, ["ViT-L-14-336__openai"] = 0.7656,
        ["ViT-B-32__laion2b_s34b_b79k"] = 0.6656,
    };

    /// <summary>Null: nothing is known, or the card cannot be read; a model is worth having without its card.</summary>
    internal static ModelCard? Find(string folder)
    {
        var file = Path.Combine(folder, FileName);
        if (File.Exists(file))
        {
            try
            {
                return JsonSerializer.Deserialize<ModelCard>(File.ReadAllBytes(file), JsonSerializerOptions.Web) is { Languages: not null, Quality: { } quality } card
                    && quality.All(q => q is { Measure: not null, Source: not null, Values: not null })
                    ? card
                    : null;
            }
            catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }

        return ImageNet.TryGetValue(Path.GetFileName(folder), out var top1)
            ? new ModelCard(["en"], [new("ImageNet zero-shot, top-1", "published by open_clip", new Dictionary<string, double> { ["en"] = top1 })], null)
            : null;
    }
}
