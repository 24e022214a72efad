using System.Text.Json;

namespace Sightline.Curation.Import;

/// <summary>What a JSON file holds, by its beginning.</summary>
internal enum JsonShape
{
    None,

    /// <summary>An object a line.</summary>
    Lines,

    /// <summary>One array of objects.</summary>
    Array,

    /// <summary>Captions as COCO has them: one object with images and annotations.</summary>
    Coco,
}

internal static class JsonShapes
{
    private static readonly string[] CocoNames = ["info", "licenses", "images", "annotations", "type", "categories"];

    /// <exception cref="PairSourceException">The file cannot be read.</exception>
    internal static JsonShape Of(string file)
    {
        using var stream = SourceStream.Open(file);
        var tokens = new JsonTokens(stream);
        try
        {
            switch (tokens.Read(out _))
            {
                case JsonTokenType.StartArray:
                    return JsonShape.Array;
                case JsonTokenType.StartObject:
                    // A line of JSON lines has plain values first, or ends; COCO's tables are objects and arrays.
                    return tokens.Read(out var name) == JsonTokenType.PropertyName && IsCocoName(name)
                        && tokens.Read(out _) is JsonTokenType.StartObject or JsonTokenType.StartArray ? JsonShape.Coco : JsonShape.Lines;
                default:
                    return JsonShape.None;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            return JsonShape.None;
        }
    }

    private static bool IsCocoName(ReadOnlySpan<byte> name) => CocoNames.Contains(System.Text.Encoding.UTF8.GetString(name));
}
