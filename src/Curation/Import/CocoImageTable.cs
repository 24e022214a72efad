using System.Text;
using System.Text.Json;

namespace Sightline.Curation.Import;

/// <summary>The images of a COCO file by their ids, as their JSON.</summary>
internal sealed class CocoImageTable
{
    private readonly Dictionary<long, int> _places = [];
    private readonly Utf8Column _objects = new();

    internal int Count => _places.Count;

    /// <summary>What is said of an image; false where there is none of this id.</summary>
    internal bool TryGet(long id, out ReadOnlySpan<byte> json)
    {
        var found = _places.TryGetValue(id, out var place);
        json = found ? _objects[place] : default;
        return found;
    }

    /// <summary>The name of the first image's file, and its address.</summary>
    internal (string? FileName, string? Address) First { get; private set; }

    /// <summary>False for what has no id.</summary>
    internal bool TryAdd(ReadOnlySpan<byte> json)
    {
        if (!TryReadNumber(json, "id"u8, out var id))
        {
            return false;
        }

        if (_places.Count == 0)
        {
            using var first = JsonDocument.Parse(Encoding.UTF8.GetString(json));
            First = (TextOf(first.RootElement, "file_name"), TextOf(first.RootElement, "coco_url"));
        }

        _places[id] = _objects.Count;
        _objects.Add(json);
        return true;
    }

    /// <summary>A whole number of an object, by its name.</summary>
    internal static bool TryReadNumber(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name, out long number)
    {
        number = 0;
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(name);
            reader.Read();
            if (isIt)
            {
                return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out number);
            }

            reader.Skip();
        }

        return false;
    }

    private static string? TextOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
