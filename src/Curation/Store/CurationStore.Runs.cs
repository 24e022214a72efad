using Npgsql;
using Sightline.Search;

namespace Sightline.Curation;

public sealed partial class CurationStore
{
    private const string RunColumns =
        "id, dataset_id, recipe, resolved_recipe::text, folder, job_id, created_at, finished_at, report::text";

    private const string ExportColumns = "id, run_id, request::text, job_id, created_at, finished_at, manifest::text";

    /// <param name="recipe">As it was written.</param>
    /// <param name="resolved">With every setting spelt out.</param>
    /// <param name="folder">That relative paths in the recipe start from; null: it reads lists only.</param>
    public async Task<RunId> AddRunAsync(DatasetId dataset, string recipe, Recipe resolved, string? folder, CancellationToken cancellationToken)
    {
        await using var command = Command("""
            insert into curation_run (dataset_id, recipe, resolved_recipe, folder, created_at) values ($1, $2, $3, $4, $5) returning id
            """, dataset.Value, recipe, RawJson(resolved.ToJson()), new NpgsqlParameter<string?> { TypedValue = folder }, time.GetUtcNow());
        return new RunId((long)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    public async Task SetRunJobAsync(RunId id, JobId job, CancellationToken cancellationToken)
    {
        await using var command = Command("update curation_run set job_id = $2 where id = $1", id.Value, job.Value);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task FinishRunAsync(RunId id, RunReport report, CancellationToken cancellationToken)
    {
        await using var command = Command(
            "update curation_run set finished_at = $2, report = $3 where id = $1", id.Value, time.GetUtcNow(), AsJson(report));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<Run?> FindRunAsync(RunId id, CancellationToken cancellationToken)
    {
        await using var command = Command($"select {RunColumns} from curation_run where id = $1", id.Value);
        return (await ReadAsync(command, ToRun, cancellationToken)).SingleOrDefault();
    }

    /// <summary>Newest first.</summary>
    /// <param name="dataset">Null: of all datasets.</param>
    public async Task<IReadOnlyList<Run>> ReadRunsAsync(DatasetId? dataset, int limit, CancellationToken cancellationToken)
    {
        await using var command = Command(
            $"select {RunColumns} from curation_run where $1::bigint is null or dataset_id = $1 order by id desc limit $2",
            new NpgsqlParameter<long?> { TypedValue = dataset?.Value }, limit);
        return await ReadAsync(command, ToRun, cancellationToken);
    }

    /// <summary>Forgets a run with its exports; exported files stay.</summary>
    public async Task<bool> DeleteRunAsync(RunId id, CancellationToken cancellationToken)
    {
        await using var command = Command("delete from curation_run where id = $1", id.Value);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <param name="request">JSON, which may name the export's number.</param>
    public async Task<ExportId> AddExportAsync(
        RunId run, Func<ExportId, string> request, IReadOnlyDictionary<long, bool> decisions, CancellationToken cancellationToken)
    {
        await using var number = Command("select nextval(pg_get_serial_sequence('curation_export', 'id'))");
        var id = new ExportId((long)(await number.ExecuteScalarAsync(cancellationToken))!);
        await using var command = Command(
            "insert into curation_export (id, run_id, request, created_at, decisions) overriding system value values ($1, $2, $3, $4, $5)",
            id.Value, run.Value, RawJson(request(id)), time.GetUtcNow(), AsJson(decisions));
        await command.ExecuteNonQueryAsync(cancellationToken);
        return id;
    }

    public async Task SetExportJobAsync(ExportId id, JobId job, CancellationToken cancellationToken)
    {
        await using var command = Command("update curation_export set job_id = $2 where id = $1", id.Value, job.Value);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>What people had said of single pairs when an export began.</summary>
    public async Task<IReadOnlyDictionary<long, bool>> ReadExportDecisionsAsync(ExportId id, CancellationToken cancellationToken)
    {
        await using var command = Command("select decisions::text from curation_export where id = $1", id.Value);
        return (await ReadAsync(command, r => FromJson<Dictionary<long, bool>>(r, 0), cancellationToken)).Single();
    }

    public async Task<IReadOnlySet<ExportId>> ReadExportIdsAsync(CancellationToken cancellationToken)
    {
        await using var command = Command("select id from curation_export");
        return (await ReadAsync(command, r => new ExportId(r.GetInt64(0)), cancellationToken)).ToHashSet();
    }

    /// <param name="manifest">JSON.</param>
    public async Task FinishExportAsync(ExportId id, string manifest, CancellationToken cancellationToken)
    {
        await using var command = Command(
            "update curation_export set finished_at = $2, manifest = $3 where id = $1", id.Value, time.GetUtcNow(), RawJson(manifest));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<ExportRecord?> FindExportAsync(ExportId id, CancellationToken cancellationToken)
    {
        await using var command = Command($"select {ExportColumns} from curation_export where id = $1", id.Value);
        return (await ReadAsync(command, ToExport, cancellationToken)).SingleOrDefault();
    }

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<ExportRecord>> ReadExportsAsync(RunId run, CancellationToken cancellationToken)
    {
        await using var command = Command($"select {ExportColumns} from curation_export where run_id = $1 order by id desc", run.Value);
        return await ReadAsync(command, ToExport, cancellationToken);
    }

    /// <summary>Keeps a recipe under a name; one of the same name is replaced.</summary>
    /// <exception cref="ArgumentException">The name is none.</exception>
    public async Task SaveRecipeAsync(string name, string recipe, CancellationToken cancellationToken)
    {
        if (name.Length is 0 or > 200 || name.Any(char.IsControl))
        {
            throw new ArgumentException("The name of a recipe has 1 to 200 characters.");
        }

        await using var command = Command("""
            insert into curation_recipe (name, recipe, saved_at) values ($1, $2, $3)
            on conflict (name) do update set recipe = excluded.recipe, saved_at = excluded.saved_at
            """, name, recipe, time.GetUtcNow());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>By name.</summary>
    public async Task<IReadOnlyList<SavedRecipe>> ReadRecipesAsync(CancellationToken cancellationToken)
    {
        await using var command = Command("select name, recipe, saved_at from curation_recipe order by name");
        return await ReadAsync(command, r => new SavedRecipe(r.GetString(0), r.GetString(1), r.GetFieldValue<DateTimeOffset>(2)), cancellationToken);
    }

    public async Task<bool> DeleteRecipeAsync(string name, CancellationToken cancellationToken)
    {
        await using var command = Command("delete from curation_recipe where name = $1", name);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private static Run ToRun(NpgsqlDataReader reader) => new(
        new RunId(reader.GetInt64(0)), new DatasetId(reader.GetInt64(1)), reader.GetString(2), reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetString(4), Job(reader, 5),
        reader.GetFieldValue<DateTimeOffset>(6), Time(reader, 7), FromOptionalJson<RunReport>(reader, 8));

    private static ExportRecord ToExport(NpgsqlDataReader reader) => new(
        new ExportId(reader.GetInt64(0)), new RunId(reader.GetInt64(1)), reader.GetString(2), Job(reader, 3),
        reader.GetFieldValue<DateTimeOffset>(4), Time(reader, 5), reader.IsDBNull(6) ? null : reader.GetString(6));
}
