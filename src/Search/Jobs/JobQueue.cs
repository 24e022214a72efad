#pragma warning disable CS9113 // contract only, until written
using Npgsql;

namespace Sightline.Search;

public readonly record struct JobId(long Value);

public enum JobState
{
    Queued,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

/// <summary>How far a job is. A null total is not known yet.</summary>
/// <param name="Stage">What it is doing, such as <c>scanning</c> or <c>embedding</c>.</param>
/// <param name="Done">Items finished, whatever their outcome.</param>
/// <param name="Failed">Of those, the ones that gave no result.</param>
/// <param name="Rate">Items a second, over the last seconds.</param>
/// <param name="SecondsLeft">Estimated; null while unknown.</param>
/// <param name="Counts">Outcomes by name (added, unchanged, duplicate, missing, and each fault's reason).</param>
public sealed record JobProgress(
    string Stage, long Done, long? Total, long Failed, double Rate, double? SecondsLeft, IReadOnlyDictionary<string, long> Counts)
{
    public static JobProgress None { get; } = new("queued", 0, null, 0, 0, null, new Dictionary<string, long>());
}

/// <param name="Arguments">JSON, read by the kind's own runner.</param>
/// <param name="Summary">One line for a person once it has ended; JSON-free.</param>
/// <param name="Error">Why it failed.</param>
public sealed record Job(
    JobId Id, string Kind, string Arguments, JobState State, JobProgress Progress, string? Summary, string? Error, bool CancelRequested,
    DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt);

/// <summary>Arguments of a job of kind <see cref="Kind"/>.</summary>
/// <param name="Folder">Absolute path.</param>
/// <param name="Exclude">Glob patterns of what is passed over; null keeps the folder's own.</param>
public sealed record IndexRequest(string Folder, IReadOnlyList<string>? Exclude)
{
    public const string Kind = "index";
}

/// <summary>
/// Jobs are rows, claimed with FOR UPDATE SKIP LOCKED under a lease that a dead worker loses. Progress is a row too, so that any
/// process can show it.
/// </summary>
public sealed class JobQueue(NpgsqlDataSource dataSource, TimeProvider time)
{
    /// <summary>How long a worker may be silent before its job is anyone's.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    public Task<JobId> EnqueueAsync<T>(string kind, T arguments, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Claims the oldest job of these kinds that is queued, or running under a lost lease; null when there is none.</summary>
    /// <param name="worker">Names the process; a new process with the name of a dead one may call <see cref="ReleaseAsync"/> at once.</param>
    public Task<Job?> ClaimAsync(string worker, IReadOnlyList<string> kinds, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Puts jobs that an earlier life of this worker held back into the queue. Only the holder of the data folder's lock may call it.</summary>
    public Task<int> ReleaseAsync(string worker, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Stores progress and renews the lease. False: the job is no longer ours or was cancelled; stop.</summary>
    public Task<bool> ReportAsync(JobId id, string worker, JobProgress progress, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <param name="state">Succeeded, Failed, Cancelled, or Queued to hand it back (a clean shutdown).</param>
    public Task FinishAsync(JobId id, string worker, JobState state, JobProgress progress, string? summary, string? error, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<bool> RequestCancelAsync(JobId id, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<Job?> FindAsync(JobId id, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<Job>> ListAsync(int limit, CancellationToken cancellationToken) => throw new NotImplementedException();
}
