using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sightline.Curation.Export;

/// <summary>What an export holds and what it was made from: <c>manifest.json</c>, which is written last.</summary>
public sealed record ExportManifest
{
    /// <summary>Of the manifest's shape.</summary>
    public int Version { get; init; } = ManifestFile.Version;

    /// <summary>Name and version of the program.</summary>
    public required string Tool { get; init; }

    public required string Dataset { get; init; }

    /// <summary>As it was given, to the letter.</summary>
    [JsonConverter(typeof(RawJson))]
    public required JsonElement Recipe { get; init; }

    /// <summary>Its folder is <c>.</c>: an export may be moved.</summary>
    public required ExportRequest Request { get; init; }

    public required PlanIdentity Plan { get; init; }

    public required ExportCounts Counts { get; init; }

    /// <summary>Absolute: the deepest folder in which all images lie that the export's tables name; null where the export has its images
    /// itself, or its tables name none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ImageFolder { get; init; }

    /// <summary>By name; one without a name where there are no splits.</summary>
    public required IReadOnlyDictionary<string, SplitCounts> Splits { get; init; }

    /// <summary>A sum over the exported pairs' rows, by which a lost or doubled one is noticed: 32 hexadecimal digits.</summary>
    public required string Rows { get; init; }

    public required IReadOnlyList<ExportShard> Shards { get; init; }

    /// <summary>Files that belong to no single shard.</summary>
    public required IReadOnlyList<ExportFile> Files { get; init; }
}

/// <summary>Pairs.</summary>
public sealed record ExportCounts
{
    /// <summary>Of the dataset.</summary>
    public long Pairs { get; init; }

    /// <summary>By the run: <see cref="Exported"/>, <see cref="Failed"/>, <see cref="Generated"/> and <see cref="Repeated"/>
    /// together.</summary>
    public long Kept { get; init; }

    /// <summary>By the codes of the reasons; <see cref="ExportSource.ByHand"/> where a person did.</summary>
    public IReadOnlyDictionary<string, long> Dropped { get; init; } = new Dictionary<string, long>();

    /// <summary>Left out as pictures that a model made.</summary>
    public long Generated { get; init; }

    public long Exported { get; init; }

    /// <summary>Their images could not be read.</summary>
    public long Failed { get; init; }

    /// <summary>By the codes of the faults.</summary>
    public IReadOnlyDictionary<string, long> Faults { get; init; } = new Dictionary<string, long>();

    /// <summary>Uids that another pair has too, and which the subset has once.</summary>
    public long Repeated { get; init; }
}

/// <param name="Pairs">Planned: exported, failed and repeated together.</param>
public sealed record SplitCounts(long Pairs, long Exported, long Failed, int Shards);

/// <param name="Path">In the export's folder.</param>
/// <param name="Sha256">Hexadecimal.</param>
public sealed record ExportFile(string Path, long Bytes, string Sha256);

/// <summary>Pairs that were written together.</summary>
public sealed record ExportShard
{
    public required string Name { get; init; }

    public required string Split { get; init; }

    /// <summary>Planned.</summary>
    public required long Pairs { get; init; }

    public required long Exported { get; init; }

    /// <inheritdoc cref="ExportCounts.Repeated"/>
    public long Repeated { get; init; }

    /// <summary>Images that are hard links.</summary>
    public long Linked { get; init; }

    /// <summary>Of its images.</summary>
    public long ImageBytes { get; init; }

    /// <inheritdoc cref="ExportManifest.ImageFolder"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ImageFolder { get; init; }

    /// <summary>How many images could not be read, by the codes of the faults.</summary>
    public required IReadOnlyDictionary<string, long> FaultCounts { get; init; }

    /// <summary>The first of them.</summary>
    public required IReadOnlyList<ExportFault> Faults { get; init; }

    public required IReadOnlyList<ExportFile> Files { get; init; }

    internal long Failed => FaultCounts.Values.Sum();
}

/// <summary>A pair whose image could not be read.</summary>
/// <param name="Row">Of the pair in the dataset.</param>
/// <param name="Key">Its source's.</param>
/// <param name="Image">Where it should be.</param>
/// <param name="Reason">A snake_case code.</param>
/// <param name="Detail">For a person.</param>
public sealed record ExportFault(long Row, string Key, string Image, string Reason, string Detail);
