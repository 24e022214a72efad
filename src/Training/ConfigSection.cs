using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sightline.Training;

/// <summary>A configuration says something that cannot be. The message names the key.</summary>
public sealed class TrainingConfigException : ArgumentException
{
    public TrainingConfigException(string message)
        : base(message)
    {
    }

    public TrainingConfigException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}

/// <summary>
/// A mapping of a configuration file. Whoever owns a setting reads it here, once, with its default and range; what nobody read in the end
/// is an error: a misspelt setting must not be ignored.
/// </summary>
/// <param name="path">Where the mapping stands, such as <c>model.image</c>; empty for the whole file.</param>
internal sealed class ConfigSection(string path, JsonObject values)
{
    private readonly HashSet<string> _read = [];
    private readonly List<ConfigSection> _sections = [];

    internal string Path { get; } = path;

    /// <summary>What stands here, in the file's order: for mappings whose keys are the user's own, such as names of columns.</summary>
    internal IReadOnlyList<string> Keys => [.. values.Select(p => p.Key)];

    internal bool Has(string key) => values[key] is not null;

    /// <summary>A mapping within this one; empty where the file has none. Several may read parts of it.</summary>
    internal ConfigSection Section(string key)
    {
        if (_sections.FirstOrDefault(s => s.Path == NameOf(key)) is { } known)
        {
            return known;
        }

        var section = Take(key) switch
        {
            null => new ConfigSection(NameOf(key), []),
            JsonObject found => new ConfigSection(NameOf(key), found),
            var other => throw Wrong(key, $"is a mapping, not {other.ToJsonString()}"),
        };
        _sections.Add(section);
        return section;
    }

    /// <summary>The mappings of a list within this one; none where the file has no such list.</summary>
    internal IReadOnlyList<ConfigSection> Sections(string key)
    {
        var list = Take(key) switch
        {
            null => [],
            JsonArray found => found,
            var other => throw Wrong(key, $"is a list of mappings, not {other.ToJsonString()}"),
        };
        List<ConfigSection> sections = [.. list.Select((item, i) => item is JsonObject found
            ? new ConfigSection($"{NameOf(key)}[{i}]", found)
            : throw Wrong(key, $"is a list of mappings; its item {i} is none"))];
        _sections.AddRange(sections);
        return sections;
    }

    internal string? Text(string key) => Take(key) switch
    {
        null => null,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        JsonValue value => value.ToJsonString(),
        _ => throw Wrong(key, "is a text"),
    };

    internal string Choice(string key, string otherwise, params string[] choices)
    {
        var text = Text(key) ?? otherwise;
        return choices.Contains(text) ? text : throw Wrong(key, $"is one of {string.Join(", ", choices)}, not {text}");
    }

    internal IReadOnlyList<string> Texts(string key) => Take(key) switch
    {
        null => [],
        JsonArray list => [.. list.Select(item => item is JsonValue value && value.TryGetValue<string>(out var text)
            ? text : item?.ToJsonString() ?? throw Wrong(key, "is a list of texts"))],
        JsonValue value when value.TryGetValue<string>(out var one) => [one],
        _ => throw Wrong(key, "is a list of texts"),
    };

    internal double Number(string key, double otherwise, double least, double most)
    {
        var number = Take(key) switch
        {
            null => otherwise,
            // Whatever the value holds: a parsed element, or a long or double that a reader of YAML has put there.
            JsonValue value when value.GetValueKind() == JsonValueKind.Number =>
                double.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture),
            var other => throw Wrong(key, $"is a number, not {other.ToJsonString()}"),
        };
        return number >= least && number <= most ? number : throw Wrong(key, string.Create(
            CultureInfo.InvariantCulture, $"is a number from {least} to {most}, not {number}"));
    }

    internal long Integer(string key, long otherwise, long least, long most)
    {
        var number = Number(key, otherwise, least, most);
        return number == Math.Floor(number) ? (long)number : throw Wrong(key, string.Create(
            CultureInfo.InvariantCulture, $"is a whole number, not {number}"));
    }

    internal bool Flag(string key, bool otherwise) => Take(key) switch
    {
        null => otherwise,
        JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
        var other => throw Wrong(key, $"is true or false, not {other.ToJsonString()}"),
    };

    /// <exception cref="TrainingConfigException">Something stands here that nobody asked for; names it.</exception>
    internal void RequireAllRead()
    {
        var unread = values.Select(p => p.Key).FirstOrDefault(k => !_read.Contains(k));
        if (unread is not null)
        {
            throw Wrong(unread, $"is unknown here; there are {string.Join(", ", _read.Order(StringComparer.Ordinal))}");
        }

        _sections.ForEach(s => s.RequireAllRead());
    }

    internal TrainingConfigException Wrong(string key, string problem) => new($"{NameOf(key)} {problem}.");

    private string NameOf(string key) => Path.Length == 0 ? key : $"{Path}.{key}";

    private JsonNode? Take(string key)
    {
        _read.Add(key);
        return values[key];
    }
}
