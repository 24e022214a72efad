using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sightline.Curation;

/// <summary>
/// Reads recipes, YAML or JSON, which is YAML too:
/// <code>
/// preset: datacomp-basic        # its filters come first; settings given below for one of them replace its own
/// seed: 0
/// filters:
///   - caption_length: {min_words: 3}
///   - exact_duplicate_captions
/// </code>
/// Whatever is not understood is an error that names it: a misspelt filter must not drop out silently.
/// </summary>
public static class RecipeReader
{
    private const int MostFilters = 100;
    private const int LongestQuote = 100;

    /// <exception cref="RecipeException">It is no recipe; names the line or the filter and the cause.</exception>
    public static Recipe Read(string text)
    {
        var root = Parse(text);
        if (root is not JsonObject recipe)
        {
            throw new RecipeException("A recipe is a mapping with filters, such as: filters: [caption_length: {min_words: 3}]");
        }

        if (recipe.Select(p => p.Key).FirstOrDefault(k => k is not ("preset" or "seed" or "filters")) is { } unknown)
        {
            throw new RecipeException($"A recipe has preset, seed and filters; {unknown} is none of these.");
        }

        var filters = new List<(FilterDefinition Definition, Dictionary<string, JsonElement> Settings)>();
        if (recipe["preset"] is { } preset)
        {
            Add(filters, ReadPreset(preset));
        }

        Add(filters, recipe["filters"]);
        filters.ForEach(f => FilterSettings.CheckRanges(f.Definition, f.Settings));
        var seed = recipe["seed"] is { } given ? AsInteger(given, "seed") : 0;
        return new Recipe([.. filters.Select(f => (f.Definition, (IReadOnlyDictionary<string, JsonElement>)f.Settings))], seed);
    }

    private static JsonNode? ReadPreset(JsonNode preset)
    {
        var name = preset is JsonValue value && value.TryGetValue<string>(out var text) ? text : preset.ToJsonString();
        var found = Presets.All.FirstOrDefault(p => p.Name == name)
            ?? throw new RecipeException($"There is no preset {name}{Suggest(name, Presets.All.Select(p => p.Name))}");
        return ((JsonObject)Parse(found.Recipe)!)["filters"];
    }

    private static void Add(List<(FilterDefinition Definition, Dictionary<string, JsonElement> Settings)> filters, JsonNode? list)
    {
        if (list is null)
        {
            return;
        }

        if (list is not JsonArray items || items.Count > MostFilters)
        {
            throw new RecipeException($"filters is a list of at most {MostFilters} filters.");
        }

        foreach (var item in items)
        {
            var (name, given) = item switch
            {
                JsonObject { Count: 1 } named => (named.First().Key, named.First().Value as JsonObject ?? (named.First().Value is null ? [] : null)),
                JsonValue value when value.TryGetValue<string>(out var bare) => (bare, []),
                _ => (null, null),
            };
            if (name is null || given is null)
            {
                throw new RecipeException($"A filter is its name with its settings, such as caption_length: {{min_words: 3}}, not {Quote(item)}.");
            }

            var definition = FilterCatalog.Find(name) ?? throw new RecipeException(
                $"There is no filter {name}{Suggest(name, FilterCatalog.All.Select(d => d.Name))}");
            var known = filters.FindIndex(f => f.Definition == definition);
            if (known < 0)
            {
                filters.Add((definition, FilterSettings.Read(definition, given)));
            }
            else
            {
                foreach (var (setting, value) in FilterSettings.Given(definition, given))
                {
                    filters[known].Settings[setting] = value;
                }

                FilterSettings.SwitchOff(filters[known].Settings, given);
            }
        }
    }

    internal static string Suggest(string name, IEnumerable<string> known)
    {
        string[] all = [.. known];
        var near = all.FirstOrDefault(k => Distance(k, name) <= 2)
            ?? all.FirstOrDefault(k => k.Contains(name, StringComparison.OrdinalIgnoreCase) || name.Contains(k, StringComparison.OrdinalIgnoreCase));
        return near is not null ? $"; did you mean {near}?" : $"; there are {string.Join(", ", all)}.";
    }

    // Letters inserted, left out or replaced (Levenshtein 1966).
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var (before, corner) = (i, i - 1);
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = Math.Min(Math.Min(row[j] + 1, before + 1), corner + (a[i - 1] == b[j - 1] ? 0 : 1));
                (corner, row[j - 1], before) = (row[j], before, cost);
            }

            row[b.Length] = before;
        }

        return row[b.Length];
    }

    private static int AsInteger(JsonNode node, string what) => node is JsonValue value && value.TryGetValue<long>(out var number) && number is >= 0 and <= int.MaxValue
        ? (int)number
        : throw new RecipeException($"{what} is a whole number from 0 on, not {Quote(node)}.");

    private static JsonNode? Parse(string text) => Yaml.Parse(text, "recipe", (problem, inner) => new RecipeException(problem, inner));

    private static string Quote(JsonNode? node) =>
        (node?.ToJsonString() ?? "nothing") is { Length: > LongestQuote } text ? text[..LongestQuote] + "…" : node?.ToJsonString() ?? "nothing";
}
