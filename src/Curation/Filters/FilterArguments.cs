using System.Text.Json;

namespace Sightline.Curation;

/// <summary>The settings that a recipe gives a filter, checked against its parameters: kinds, ranges and choices hold.</summary>
/// <param name="filter">For messages.</param>
/// <param name="values">By parameter; defaults are filled in.</param>
/// <param name="context">What the filter may need beside its settings.</param>
public sealed class FilterArguments(string filter, IReadOnlyDictionary<string, JsonElement> values, RecipeContext context)
{
    /// <summary>The file that a setting names, which is there; null where none is given.</summary>
    /// <exception cref="RecipeException">There is no such file, or the recipe may not read it.</exception>
    public string? File(string name)
    {
        if (Text(name) is not { Length: > 0 } given)
        {
            return null;
        }

        var path = Path.GetFullPath(given, context.Folder);
        if (context.IsConfined && (Path.GetDirectoryName(path) != context.Folder || new FileInfo(path).LinkTarget is not null))
        {
            throw Fault($"{name}: a recipe from the page names a file in {context.Folder}, not {given}.");
        }

        return System.IO.File.Exists(path) ? path : throw Fault($"{name}: there is no file {path}.");
    }

    /// <summary>The folder that a setting names, as a path or as a model; null where none is given.</summary>
    /// <exception cref="RecipeException">There is no such folder, or the recipe may not read it.</exception>
    public string? Model(string name)
    {
        if (Text(name) is not { Length: > 0 } given)
        {
            return null;
        }

        var folder = Path.GetFullPath(given, context.Folder);
        if (!context.IsConfined && Directory.Exists(folder))
        {
            return folder;
        }

        try
        {
            return context.Models(given);
        }
        catch (RecipeException e)
        {
            throw Fault(e.Message);
        }
    }

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
