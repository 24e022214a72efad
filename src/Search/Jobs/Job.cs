namespace Sightline.Search;

public readonly record struct JobId(long Value)
{
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

public enum JobState
{
    Queued,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

/// <summary>How far a job is.</summary>
/// <param name="Stage">What it is doing, such as <c>scanning</c> or <c>embedding</c>.</param>
/// <param name="Done">Items finished, whatever their outcome.</param>
/// <param name="Total">Items there are; null while that is not known.</param>
/// <param name="Failed">Of those done, the ones that gave no result.</param>
/// <param name="Rate">Items a second, over the last seconds.</param>
/// <param name="SecondsLeft">Estimated; null while unknown.</param>
/// <param name="Counts">Outcomes by name (added, unchanged, duplicate, missing, and each fault's reason).</param>
/// <param name="Unit">What the items are.</param>
public sealed record JobProgress(
    string Stage, long Done, long? Total, long Failed, double Rate, double? SecondsLeft, IReadOnlyDictionary<string, long> Counts,
    string Unit = "images")
{
    public static JobProgress None { get; } = new("queued", 0, null, 0, 0, null, new Dictionary<string, long>());
}

/// <param name="Id">Numbers follow the order of arrival.</param>
/// <param name="Kind">Names the runner, such as <c>index</c>.</param>
/// <param name="Arguments">JSON, read by the kind's own runner.</param>
/// <param name="Summary">One line for a person once it has ended.</param>
/// <param name="Error">Why it failed.</param>
public sealed record Job(
    JobId Id, string Kind, string Arguments, JobState State, JobProgress Progress, string? Summary, string? Error, bool CancelRequested,
    DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt);
