using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Sightline.Curation;

/// <summary>
/// Reads YAML, of which JSON is a part, into JSON's values by YAML 1.2's core schema. One document of at most 2^20 characters and 16
/// levels, without anchors and aliases: what people write by hand, and nothing that costs a server its memory or its stack.
/// </summary>
internal static class Yaml
{
    private const int Longest = 1 << 20;
    private const int Deepest = 16;

    /// <param name="text">The document.</param>
    /// <param name="noun">What it is, for messages, such as <c>recipe</c>.</param>
    /// <param name="error">Makes the exception that is thrown, from a sentence that names the line and the cause.</param>
    /// <returns>Null where the document is YAML's null.</returns>
    internal static JsonNode? Parse(string text, string noun, Func<string, Exception?, Exception> error)
    {
        if (text.Length > Longest || text.Contains('\0', StringComparison.Ordinal))
        {
            throw error($"A {noun} has at most {Longest} characters, and no zero among them.", null);
        }

        var yaml = new YamlStream();
        try
        {
            CheckShape(text, error);
            using var reader = new StringReader(text);
            yaml.Load(reader);
        }
        catch (YamlException e)
        {
            throw error($"The {noun} is neither YAML nor JSON: line {e.Start.Line}, column {e.Start.Column}: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            // The scanner's own, for a brace that is not closed.
            throw error($"The {noun} is neither YAML nor JSON: a bracket, a brace or a quotation mark is not closed.", e);
        }

        return yaml.Documents.Count == 1 ? ToJson(yaml.Documents[0].RootNode, error)
            : throw error($"A {noun} is one document, not {yaml.Documents.Count}.", null);
    }

    // Before anything is built: an alias can stand for itself or for a million others, and depth costs stack.
    private static void CheckShape(string text, Func<string, Exception?, Exception> error)
    {
        using var reader = new StringReader(text);
        var events = new Parser(reader);
        for (var depth = 0; events.MoveNext();)
        {
            depth += events.Current!.NestingIncrease;
            if (depth > Deepest || events.Current is AnchorAlias or NodeEvent { Anchor.IsEmpty: false })
            {
                throw error($"Line {events.Current.Start.Line}: anchors, aliases and more than {Deepest} levels are not read.", null);
            }
        }
    }

    private static JsonNode? ToJson(YamlNode node, Func<string, Exception?, Exception> error) => node switch
    {
        YamlMappingNode mapping => ToJson(mapping, error),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(child => ToJson(child, error))]),
        YamlScalarNode scalar => ToJson(scalar),
        _ => throw error($"Line {node.Start.Line}: aliases are not read.", null),
    };

    private static JsonObject ToJson(YamlMappingNode mapping, Func<string, Exception?, Exception> error)
    {
        var json = new JsonObject();
        foreach (var (key, value) in mapping.Children)
        {
            // A key that stands twice is YAML's own error.
            json[((key as YamlScalarNode)?.Value) ?? throw error($"Line {key.Start.Line}: a key is a word.", null)] = ToJson(value, error);
        }

        return json;
    }

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
