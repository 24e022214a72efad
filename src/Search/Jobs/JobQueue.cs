using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Sightline.Search;

/// <summary>
/// Jobs are rows, claimed with FOR UPDATE SKIP LOCKED under a lease that a dead worker loses. Progress is a row too, so that any
/// process can show it.
/// </summary>
public sealed class JobQueue(NpgsqlDataSource dataSource, TimeProvider time)
{
    /// <summary>How long a worker may be silent before its job is anyone's.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private const string Columns = """
        id, kind, arguments::text, state, progress::text, summary, error, cancel_requested, created_at, started_at, finished_at
        """;

    /// <summary>Queues a job; one like it that waits already, such as one that a server handed back, is enough.</summary>
    public async Task<JobId> EnqueueAsync<T>(string kind, T arguments, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            with waiting as (select min(id) as id from job where state = 'queued' and not cancel_requested and kind = $1 and arguments = $2),
                 added as (insert into job (kind, arguments, created_at) select $1, $2, $3 from waiting where waiting.id is null returning id)
            select coalesce(waiting.id, (select id from added)) from waiting
            """);
        command.Parameters.Add(new() { Value = kind });
        command.Parameters.Add(Json(arguments));
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
        return new JobId((long)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    /// <summary>Claims the oldest job of these kinds that is queued, or running under a lost lease; null when there is none.</summary>
    /// <param name="worker">Names the process; a new process with the name of a dead one may call <see cref="ReleaseAsync"/> at
    /// once.</param>
    /// <param name="kinds">What the worker can run.</param>
    /// <param name="cancellationToken">Stops the claim.</param>
    public async Task<Job?> ClaimAsync(string worker, IReadOnlyList<string> kinds, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"""
            update job set state = 'running', worker = $1, lease_until = $3, started_at = coalesce(started_at, $2)
            where id = (
                select id from job
                where kind = any($4) and (state = 'queued' or (state = 'running' and lease_until < $2))
                order by id for update skip locked limit 1)
            returning {Columns}
            """);
        var now = time.GetUtcNow();
        command.Parameters.Add(new() { Value = worker });
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = now + Lease });
        command.Parameters.Add(new() { Value = kinds.ToArray() });
        return (await ReadAsync(command, cancellationToken)).SingleOrDefault();
    }

    /// <summary>Puts jobs that an earlier life of this worker held back into the queue. Only the holder of the data folder's lock may call
    /// it.</summary>
    public async Task<int> ReleaseAsync(string worker, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            update job set state = 'queued', worker = null, lease_until = null where state = 'running' and worker = $1
            """);
        command.Parameters.Add(new() { Value = worker });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Stores progress and renews the lease. False: the job is no longer ours or was cancelled; stop.</summary>
    public async Task<bool> ReportAsync(JobId id, string worker, JobProgress progress, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            update job set progress = $3, lease_until = $4 where id = $1 and worker = $2 and state = 'running'
            returning not cancel_requested
            """);
        command.Parameters.Add(new() { Value = id.Value });
        command.Parameters.Add(new() { Value = worker });
        command.Parameters.Add(Json(progress));
        command.Parameters.Add(new() { Value = time.GetUtcNow() + Lease });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <param name="id">A job that this worker holds; another's is left as it is.</param>
    /// <param name="worker">The worker that claimed it.</param>
    /// <param name="state">Succeeded, Failed, Cancelled, or Queued to hand it back (a clean shutdown).</param>
    /// <param name="progress">How far it came.</param>
    /// <param name="summary">One line for a person.</param>
    /// <param name="error">Why it failed.</param>
    /// <param name="cancellationToken">Stops the write.</param>
    public async Task FinishAsync(
        JobId id, string worker, JobState state, JobProgress progress, string? summary, string? error, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            update job set state = case when $3 = 'queued' and cancel_requested then 'cancelled' else $3 end, progress = $4, summary = $5, error = $6, finished_at = $7, worker = null, lease_until = null
            where id = $1 and worker = $2 and state = 'running'
            """);
        command.Parameters.Add(new() { Value = id.Value });
        command.Parameters.Add(new() { Value = worker });
        command.Parameters.Add(new() { Value = NameOf(state) });
        command.Parameters.Add(Json(progress));
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = summary?.Replace('\0', '\uFFFD') });
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = error?.Replace('\0', '\uFFFD') });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset?> { TypedValue = state == JobState.Queued ? null : time.GetUtcNow() });
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 1)
        {
            Telemetry.JobsEnded.Add(1, new KeyValuePair<string, object?>("outcome", NameOf(state)));
        }
    }

    /// <summary>Counts the jobs that are queued or running, for whoever watches the process.</summary>
    public async Task MeasureAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            select count(*) filter (where state = 'queued'), count(*) filter (where state = 'running') from job
            where state in ('queued', 'running')
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        Telemetry.JobsOpen.Record(reader.GetInt64(0), new KeyValuePair<string, object?>("state", "queued"));
        Telemetry.JobsOpen.Record(reader.GetInt64(1), new KeyValuePair<string, object?>("state", "running"));
    }

    /// <summary>A queued job is cancelled at once, a running one is asked to stop. False: it has ended, or there is none.</summary>
    public async Task<bool> RequestCancelAsync(JobId id, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            update job set cancel_requested = true,
                           state = case when state = 'queued' then 'cancelled' else state end,
                           finished_at = case when state = 'queued' then $2 else finished_at end
            where id = $1 and state in ('queued', 'running')
            """);
        command.Parameters.Add(new() { Value = id.Value });
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    public async Task<Job?> FindAsync(JobId id, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"select {Columns} from job where id = $1");
        command.Parameters.Add(new() { Value = id.Value });
        return (await ReadAsync(command, cancellationToken)).SingleOrDefault();
    }

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<Job>> ListAsync(int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"select {Columns} from job order by id desc limit $1");
        command.Parameters.Add(new() { Value = limit });
        return await ReadAsync(command, cancellationToken);
    }

    private static async Task<List<Job>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var jobs = new List<Job>();
        while (await reader.ReadAsync(cancellationToken))
        {
            jobs.Add(new Job(
                new JobId(reader.GetInt64(0)), reader.GetString(1), reader.GetString(2),
                    Enum.Parse<JobState>(reader.GetString(3), ignoreCase: true),
                reader.IsDBNull(4) ? JobProgress.None
                    : JsonSerializer.Deserialize<JobProgress>(reader.GetString(4), JsonSerializerOptions.Web)!,
                reader.IsDBNull(5) ? null : reader.GetString(5), reader.IsDBNull(6) ? null : reader.GetString(6), reader.GetBoolean(7),
                reader.GetFieldValue<DateTimeOffset>(8), reader.IsDBNull(9) ? null : reader.GetFieldValue<DateTimeOffset>(9),
                reader.IsDBNull(10) ? null : reader.GetFieldValue<DateTimeOffset>(10)));
        }

        return jobs;
    }

    // PostgreSQL takes no zero in a text.
    private static NpgsqlParameter Json<T>(T value) =>
        new() { Value = JsonSerializer.Serialize(value, JsonSerializerOptions.Web).Replace("\\u0000", "\\ufffd", StringComparison.Ordinal), NpgsqlDbType = NpgsqlDbType.Jsonb };

    private static string NameOf(JobState state) => state switch
    {
        JobState.Queued => "queued",
        JobState.Running => "running",
        JobState.Succeeded => "succeeded",
        JobState.Failed => "failed",
        _ => "cancelled",
    };
}
