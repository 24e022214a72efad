using Npgsql;
using Sightline.Curation.Import;
using Sightline.Search;

namespace Sightline.Curation;

public sealed partial class CurationStore
{
    private const string DatasetColumns =
        "id, name, source::text, job_id, created_at, imported_at, pairs, faults::text, fault_examples::text, statistics::text";

    /// <param name="name">1 to 200 characters, not all digits: numbers are ids.</param>
    /// <param name="source">JSON.</param>
    /// <exception cref="ArgumentException">The name is taken, or is none.</exception>
    public async Task<DatasetId> AddDatasetAsync(string name, string source, CancellationToken cancellationToken)
    {
        if (name.Length is 0 or > 200 || name.All(char.IsAsciiDigit) || name.Any(c => char.IsControl(c) || c == '/'))
        {
            throw new ArgumentException("The name of a dataset has 1 to 200 characters, no slash among them, and is no number.");
        }

        await using var command = Command("""
            insert into curation_dataset (name, source, created_at) values ($1, $2, $3) on conflict (name) do nothing returning id
            """, name, RawJson(source), time.GetUtcNow());
        return await command.ExecuteScalarAsync(cancellationToken) is long id
            ? new DatasetId(id)
            : throw new ArgumentException($"There is a dataset {name} already; choose another name, or delete it first.");
    }

    /// <summary>Jobs that work on a dataset, its runs or its exports, or were the last to.</summary>
    public async Task<IReadOnlyList<JobId>> ReadJobsAsync(DatasetId id, CancellationToken cancellationToken)
    {
        await using var command = Command("""
            select job_id from curation_dataset where id = $1 and job_id is not null
            union select job_id from curation_run where dataset_id = $1 and job_id is not null
            union select export.job_id from curation_export export join curation_run run on run.id = run_id
            where dataset_id = $1 and export.job_id is not null
            """, id.Value);
        return await ReadAsync(command, r => new JobId(r.GetInt64(0)), cancellationToken);
    }

    public async Task SetDatasetJobAsync(DatasetId id, JobId job, CancellationToken cancellationToken)
    {
        await using var command = Command("update curation_dataset set job_id = $2 where id = $1", id.Value, job.Value);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Says what an import has brought.</summary>
    public async Task FinishImportAsync(DatasetId id, ImportResult result, CancellationToken cancellationToken)
    {
        await using var command = Command("""
            update curation_dataset set imported_at = $2, pairs = $3, faults = $4, fault_examples = $5 where id = $1
            """, id.Value, time.GetUtcNow(), result.Pairs, AsJson(result.Faults), AsJson(result.Examples));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task SaveStatisticsAsync(DatasetId id, DatasetStatistics statistics, CancellationToken cancellationToken)
    {
        await using var command = Command("update curation_dataset set statistics = $2 where id = $1", id.Value, AsJson(statistics));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<Dataset>> ReadDatasetsAsync(CancellationToken cancellationToken)
    {
        await using var command = Command($"select {DatasetColumns} from curation_dataset order by id desc");
        return await ReadAsync(command, ToDataset, cancellationToken);
    }

    /// <param name="nameOrId">A name, or a number.</param>
    /// <returns>Null: there is none.</returns>
    public async Task<Dataset?> FindDatasetAsync(string nameOrId, CancellationToken cancellationToken)
    {
        await using var command = Command($"select {DatasetColumns} from curation_dataset where name = $1 or id::text = $1", nameOrId);
        return (await ReadAsync(command, ToDataset, cancellationToken)).SingleOrDefault();
    }

    /// <summary>Forgets a dataset with its runs, exports and decisions; exported files stay.</summary>
    public async Task<bool> DeleteDatasetAsync(DatasetId id, CancellationToken cancellationToken)
    {
        await using var command = Command("delete from curation_dataset where id = $1", id.Value);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Keeps or drops single pairs whatever recipes say; null takes that back.</summary>
    /// <param name="rows">Of the dataset; numbers beyond it are not stored.</param>
    /// <returns>Decisions that changed.</returns>
    public async Task<int> DecideAsync(DatasetId id, IReadOnlyList<long> rows, bool? keep, CancellationToken cancellationToken)
    {
        await using var command = keep is { } word
            ? Command("""
                insert into curation_decision (dataset_id, row_number, keep, decided_at)
                select id, given.row_number, $3, $4 from curation_dataset cross join (select distinct unnest($2) as row_number) as given
                where id = $1 and given.row_number < pairs
                on conflict (dataset_id, row_number) do update set keep = excluded.keep, decided_at = excluded.decided_at
                where curation_decision.keep <> excluded.keep
                """, id.Value, rows.ToArray(), word, time.GetUtcNow())
            : Command("delete from curation_decision where dataset_id = $1 and row_number = any($2)", id.Value, rows.ToArray());
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>What people said, by row: true keeps, false drops.</summary>
    public async Task<IReadOnlyDictionary<long, bool>> ReadDecisionsAsync(DatasetId id, CancellationToken cancellationToken)
    {
        await using var command = Command("select row_number, keep from curation_decision where dataset_id = $1", id.Value);
        return (await ReadAsync(command, r => (Row: r.GetInt64(0), Keep: r.GetBoolean(1)), cancellationToken)).ToDictionary(d => d.Row, d => d.Keep);
    }

    private static Dataset ToDataset(NpgsqlDataReader reader) => new(
        new DatasetId(reader.GetInt64(0)), reader.GetString(1), reader.GetString(2), Job(reader, 3), reader.GetFieldValue<DateTimeOffset>(4),
        Time(reader, 5), reader.GetInt64(6), FromJson<Dictionary<string, long>>(reader, 7), FromJson<List<SourceFault>>(reader, 8),
        FromOptionalJson<DatasetStatistics>(reader, 9));
}
