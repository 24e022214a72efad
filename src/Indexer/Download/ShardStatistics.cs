using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sightline.Indexer.Download;

/// <summary>A shard's <c>_stats.json</c>, written last: where it is, the shard is whole. The names are img2dataset's, and
/// <c>failed_to_verify</c>.</summary>
internal sealed record ShardStatistics
{
    [JsonPropertyName("count")]
    public int Count { get; init; }

    [JsonPropertyName("successes")]
    public int Successes { get; init; }

    [JsonPropertyName("failed_to_download")]
    public int FailedToDownload { get; init; }

    [JsonPropertyName("failed_to_resize")]
    public int FailedToResize { get; init; }

    [JsonPropertyName("failed_to_verify")]
    public int FailedToVerify { get; init; }

    /// <summary>Seconds.</summary>
    [JsonPropertyName("duration")]
    public double Duration { get; init; }

    /// <summary>Seconds since 1970.</summary>
    [JsonPropertyName("start_time")]
    public double StartTime { get; init; }

    [JsonPropertyName("end_time")]
    public double EndTime { get; init; }

    /// <summary>By reason.</summary>
    [JsonPropertyName("status_dict")]
    public IReadOnlyDictionary<string, int> Reasons { get; init; } = new Dictionary<string, int>();

    internal IEnumerable<(string Status, int Count)> Statuses =>
    [
        (DownloadOutcome.Success, Successes), (DownloadOutcome.FailedToDownload, FailedToDownload), (DownloadOutcome.FailedToResize, FailedToResize),
        (DownloadOutcome.FailedToVerify, FailedToVerify),
    ];

    /// <summary>Null: the shard is not whole, or is of another number of pairs; it is to be made anew.</summary>
    internal static ShardStatistics? Read(string path, int count)
    {
        try
        {
            return File.Exists(path) && JsonSerializer.Deserialize<ShardStatistics>(File.ReadAllText(path)) is { } read && read.Count == count ? read : null;
        }
        catch (JsonException)
        {
            // Another program's, or damaged: nothing says that the shard is whole.
            return null;
        }
    }
}
