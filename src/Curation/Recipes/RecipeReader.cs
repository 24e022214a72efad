using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

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
    private const int Longest = 1 << 20;
    private const int Deepest = 16;
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

    private static JsonNode? Parse(string text)
    {
        if (text.Length > Longest || text.Contains('\0', StringComparison.Ordinal))
        {
            throw new RecipeException($"A recipe has at most {Longest} characters, and no zero among them.");
        }

        var yaml = new YamlStream();
        try
        {
            CheckShape(text);
            using var reader = new StringReader(text);
            yaml.Load(reader);
        }
        catch (YamlException e)
        {
            throw new RecipeException($"The recipe is neither YAML nor JSON: line {e.Start.Line}, column {e.Start.Column}: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            // The scanner's own, for a brace that is not closed.
            throw new RecipeException("The recipe is neither YAML nor JSON: a bracket, a brace or a quotation mark is not closed.", e);
        }

        return yaml.Documents.Count == 1 ? ToJson(yaml.Documents[0].RootNode)
            : throw new RecipeException($"A recipe is one document, not {yaml.Documents.Count}.");
    }

    // Before anything is built: an alias can stand for itself or for a million others, and depth costs stack.
    private static void CheckShape(string text)
    {
        using var reader = new StringReader(text);
        var events = new Parser(reader);
        for (var depth = 0; events.MoveNext();)
        {
            depth += events.Current!.NestingIncrease;
            if (depth > Deepest || events.Current is AnchorAlias or NodeEvent { Anchor.IsEmpty: false })
            {
                throw new RecipeException($"Line {events.Current.Start.Line}: anchors, aliases and more than {Deepest} levels are not read.");
            }
        }
    }

    private static string Quote(JsonNode? node) =>
        (node?.ToJsonString() ?? "nothing") is { Length: > LongestQuote } text ? text[..LongestQuote] + "…" : node?.ToJsonString() ?? "nothing";

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode mapping => ToJson(mapping),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(ToJson)]),
        YamlScalarNode scalar => ToJson(scalar),
        _ => throw new RecipeException($"Line {node.Start.Line}: aliases are not read."),
    };

    private static JsonObject ToJson(YamlMappingNode mapping)
    {
        var json = new JsonObject();
        foreach (var (key, value) in mapping.Children)
        {
            // A key that stands twice is YAML's own error.
            json[((key as YamlScalarNode)?.Value) ?? throw new RecipeException($"Line {key.Start.Line}: a key is a word.")] = ToJson(value);
        }

        return json;
    }

    // YAML 1.2's core schema.
    private static JsonValue? ToJson(YamlScalarNode scalar) => scalar.Style != ScalarStyle.Plain
        ? JsonValue.Create(scalar.Value)
        : scalar.Value switch
        {
            null or "" or "~" or "null" => null,
            "true" or "True" => JsonValue.Create(true),
            "false" or "False" => JsonValue.Create(false),
            var text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
            var text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) => JsonValue.Create(number),
            var text => JsonValue.Create(text),
        };
}
