using System.Text.Json;

namespace Sightline.Curation;

/// <summary>The settings that a recipe gives a filter, checked against its parameters: kinds, ranges and choices hold.</summary>
/// <param name="filter">For messages.</param>
/// <param name="values">By parameter; defaults are filled in.</param>
/// <param name="context">What the filter may need beside its settings.</param>
public sealed class FilterArguments(string filter, IReadOnlyDictionary<string, JsonElement> values, RecipeContext context)
{
    /// <summary>That relative paths in the recipe start from.</summary>
    public string Folder => context.Folder;

    /// <inheritdoc cref="RecipeContext.Datasets"/>
    public PairDataset Dataset(string name) => context.Datasets(name);

    public int? Integer(string name) => values.TryGetValue(name, out var value) ? value.GetInt32() : null;

    public long? Long(string name) => values.TryGetValue(name, out var value) ? value.GetInt64() : null;

    public double? Number(string name) => values.TryGetValue(name, out var value) ? value.GetDouble() : null;

    public bool Boolean(string name) => values.TryGetValue(name, out var value) && value.GetBoolean();

    public string? Text(string name) => values.TryGetValue(name, out var value) ? value.GetString() : null;

    /// <summary>Empty where there is none.</summary>
    public IReadOnlyList<string> Texts(string name) =>
        values.TryGetValue(name, out var value) ? [.. value.EnumerateArray().Select(v => v.GetString()!)] : [];

    /// <summary>For settings that contradict each other, or a file that is not there.</summary>
    public RecipeException Fault(string sentence) => new($"{filter}: {sentence}");
}
