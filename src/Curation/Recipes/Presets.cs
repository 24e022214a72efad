namespace Sightline.Curation;

/// <summary>A published recipe.</summary>
/// <param name="Name">As recipes name it.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Source">Where its thresholds are published.</param>
/// <param name="Recipe">YAML.</param>
public sealed record Preset(string Name, string Summary, string Source, string Recipe);

/// <summary>Recipes that others have published, with their thresholds.</summary>
public static class Presets
{
    public static IReadOnlyList<Preset> All { get; } = [];
}
