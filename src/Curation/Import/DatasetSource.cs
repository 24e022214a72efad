using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sightline.Curation.Import;

/// <summary>How far images are looked at once their pairs are imported.</summary>
public enum MeasureLevel
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Size, hashes, sharpness, brightness, contrast, entropy.</summary>
    Pixels,

    /// <summary>That, and what the model says: embeddings, similarity to the caption, likeness to written text.</summary>
    Clip,
}

/// <summary>Where a dataset's pairs come from: files, or the search catalogue.</summary>
public sealed record DatasetSource
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>Null: the catalogue.</summary>
    public PairSourceRequest? Files { get; init; }

    /// <summary>Which images of the catalogue, as in a search; null: all.</summary>
    public JsonElement? Filter { get; init; }

    public MeasureLevel Measure { get; init; } = MeasureLevel.Pixels;

    public static DatasetSource Parse(string json) => JsonSerializer.Deserialize<DatasetSource>(json, Json)!;

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>For people.</summary>
    public override string ToString() => Files?.Path ?? "the catalogue";
}
