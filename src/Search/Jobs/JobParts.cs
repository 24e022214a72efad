using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Sightline.Search;

/// <summary>A share of a job.</summary>
/// <param name="Work">JSON, read by the job's own kind.</param>
public sealed record JobPart(long Id, JobId Job, RootId Root, string Work);

/// <summary>What is left of a job's parts, and what other workers have done.</summary>
/// <param name="Open">Parts that are not done, claimed or not.</param>
/// <param name="Workers">Other workers that have done parts.</param>
/// <param name="Counts">Outcomes of the parts that others have done.</param>
public sealed record JobPartsState(long Open, int Workers, IReadOnlyDictionary<string, long> Counts);

/// <summary>
/// Shares of jobs, claimed by any number of processes with FOR UPDATE SKIP LOCKED under leases. A worker that dies loses its lease, and
/// its part is done again by another; a part that was done twice counts once.
/// </summary>
public sealed class JobParts(NpgsqlDataSource dataSource)
{
    /// <summary>How long a worker may be silent before its parts are anyone's, by the database's clock.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    /// <summary>Forgets the parts of a job that this worker runs, and of jobs that have ended; whoever works on one finds out when it is
    /// done.</summary>
    /// <param name="worker">Holds the job; another's job keeps its parts.</param>
    public async Task ClearAsync(JobId job, string worker, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            delete from job_part using job
            where job.id = job_id and ((job.id = $1 and job.worker = $2) or job.state not in ('queued', 'running'))
            """);
        command.Parameters.Add(new() { Value = job.Value });
        command.Parameters.Add(new() { Value = worker });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <param name="modelDigest">Of the weights that the part needs.</param>
    public async Task AddAsync(JobId job, RootId root, string modelDigest, string work, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("insert into job_part (job_id, root_id, model_digest, work) values ($1, $2, $3, $4)");
        command.Parameters.Add(new() { Value = job.Value });
        command.Parameters.Add(new() { Value = root.Value });
        command.Parameters.Add(new() { Value = modelDigest });
        command.Parameters.Add(Json(work));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Claims a part of one job, for the process that runs it; null: none is free.</summary>
    public Task<JobPart?> ClaimAsync(JobId job, string worker, CancellationToken cancellationToken) =>
        ClaimAsync("job_id = $3", new() { Value = job.Value }, null, worker, cancellationToken);

    /// <summary>Claims a part of any job that runs; null: none is free.</summary>
    /// <param name="modelDigest">Of the weights that the worker has.</param>
    /// <param name="roots">Folders that the worker can read.</param>
    public Task<JobPart?> ClaimAsync(string modelDigest, IReadOnlyList<RootId> roots, string worker, CancellationToken cancellationToken) => ClaimAsync(
        "model_digest = $3 and root_id = any($4) and not own_only and exists (select from job where job.id = job_id and state = 'running')",
        new() { Value = modelDigest }, new() { Value = roots.Select(r => r.Value).ToArray() }, worker, cancellationToken);

    /// <summary>Renews the leases of all parts that a worker holds.</summary>
    public async Task RenewAsync(string worker, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("update job_part set lease_until = clock_timestamp() + $2 where worker = $1 and done_at is null");
        command.Parameters.Add(new() { Value = worker });
        command.Parameters.Add(new() { Value = Lease });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Hands back what a worker that stops holds.</summary>
    public async Task ReleaseAsync(string worker, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            "update job_part set worker = null, lease_until = null where worker = $1 and done_at is null");
        command.Parameters.Add(new() { Value = worker });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The part is done, but for what the worker could not find, which is left to the job's own process.</summary>
    /// <param name="rest">The work that is left; null: none.</param>
    /// <returns>False: the lease was lost and the part is another's, or the job is over; its counts are not taken.</returns>
    public async Task<bool> FinishAsync(
        JobPart part, string worker, IReadOnlyDictionary<string, long> counts, string? rest, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            with finished as (
                update job_part set counts = $3, work = '[]', done_at = clock_timestamp(), lease_until = null
                where id = $1 and worker = $2 and done_at is null
                returning job_id, root_id, model_digest),
            added as (
                insert into job_part (job_id, root_id, model_digest, work, own_only)
                select job_id, root_id, model_digest, $4, true from finished where $4 is not null)
            select count(*) from finished
            """);
        command.Parameters.Add(new() { Value = part.Id });
        command.Parameters.Add(new() { Value = worker });
        command.Parameters.Add(Json(JsonSerializer.Serialize(counts)));
        command.Parameters.Add(Json(rest));
        return (long)(await command.ExecuteScalarAsync(cancellationToken))! == 1;
    }

    /// <param name="worker">Whose own counts are left out.</param>
    public async Task<JobPartsState> ReadStateAsync(JobId job, string worker, CancellationToken cancellationToken)
    {
        await using var batch = dataSource.CreateBatch();
        foreach (var sql in new[]
        {
            """
            select count(*) filter (where done_at is null), count(distinct worker) filter (where done_at is not null and worker <> $2)
            from job_part where job_id = $1
            """,
            """
            select key, sum(value::bigint)::bigint from job_part, jsonb_each_text(counts)
            where job_id = $1 and worker <> $2 and done_at is not null group by key
            """,
        })
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.Add(new() { Value = job.Value });
            command.Parameters.Add(new() { Value = worker });
            batch.BatchCommands.Add(command);
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (open, workers) = (reader.GetInt64(0), reader.GetInt64(1));
        await reader.NextResultAsync(cancellationToken);
        var counts = new Dictionary<string, long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            counts.Add(reader.GetString(0), reader.GetInt64(1));
        }

        return new JobPartsState(open, (int)workers, counts);
    }

    private async Task<JobPart?> ClaimAsync(
        string which, NpgsqlParameter first, NpgsqlParameter? second, string worker, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"""
            update job_part set worker = $1, lease_until = clock_timestamp() + $2
            where id = (select id from job_part where done_at is null and (worker is null or lease_until < clock_timestamp()) and {which}
                        order by id for update skip locked limit 1)
            returning id, job_id, root_id, work::text
            """);
        command.Parameters.Add(new() { Value = worker });
        command.Parameters.Add(new() { Value = Lease });
        command.Parameters.Add(first);
        if (second is not null)
        {
            command.Parameters.Add(second);
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new JobPart(reader.GetInt64(0), new JobId(reader.GetInt64(1)), new RootId(reader.GetInt64(2)), reader.GetString(3))
            : null;
    }

    private static NpgsqlParameter Json(string? json) => new() { Value = (object?)json ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Jsonb };
}
