using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sightline.Curation;
using Sightline.Curation.Export;
using Sightline.Search;
using Sightline.Web.Access;

namespace Sightline.Web.Api;

/// <param name="Format">webdataset, jsonl, csv, parquet, coco, imagefolder, uids or verdicts.</param>
/// <param name="Folder">Where to; only from this machine's command line. Absent: a folder of the server's own.</param>
/// <param name="ShardSize">Most pairs of a shard; 10,000 where absent.</param>
/// <param name="Splits">Fractions of the images by name, together 1; absent: no splits.</param>
/// <param name="Seed">Another seed gives images to other splits.</param>
/// <param name="Gzip">JSON Lines compressed.</param>
/// <param name="HardLinks">An imagefolder's files are hard links where they can be.</param>
/// <param name="IncludeGenerated">Pictures that a model made are exported too.</param>
public sealed record ExportRequestDto(
    ExportFormat Format, string? Folder = null, int? ShardSize = null, IReadOnlyDictionary<string, double>? Splits = null, long Seed = 0,
    bool Gzip = false, bool HardLinks = false, bool IncludeGenerated = false)
{
    internal ExportRequest ToRequest(string folder)
    {
        var request = new ExportRequest
        {
            Folder = folder, Format = Format, Seed = Seed, Gzip = Gzip, HardLinks = HardLinks, IncludeGenerated = IncludeGenerated,
            Splits = Splits ?? new Dictionary<string, double>(),
        };
        return ShardSize is { } size ? request with { ShardSize = size } : request;
    }
}

/// <param name="Counts">This and what follows is absent until the export has ended.</param>
/// <param name="Files">Absent in lists: every file with its size and digest; they lie at /api/curation/exports/{id}/files/{path}.</param>
public sealed record ExportDto(
    long Id, long Run, string Folder, ExportFormat Format, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt, JobDto? Job, ExportCounts? Counts,
    IReadOnlyDictionary<string, SplitCounts>? Splits, IReadOnlyList<ExportFile>? Files)
{
    internal static ExportDto From(ExportRecord export, Job? job, bool withFiles)
    {
        var request = JsonSerializer.Deserialize<ExportRequest>(export.Request, JsonSerializerOptions.Web)!;
        var manifest = export.Manifest is null ? null : JsonSerializer.Deserialize<ExportManifest>(export.Manifest, JsonSerializerOptions.Web);
        return new ExportDto(
            export.Id.Value, export.Run.Value, request.Folder, request.Format, export.CreatedAt, export.FinishedAt, job is null ? null : JobDto.From(job),
            manifest?.Counts, manifest?.Splits, manifest is null || !withFiles ? null : [.. manifest.Shards.SelectMany(s => s.Files), .. manifest.Files]);
    }
}

/// <summary>What runs keep, as files for training.</summary>
internal static class ExportsApi
{
    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/curation/runs/{id:long}/exports", ListAsync).WithSummary("Exports of a run, newest first.");
        app.MapPost("/api/curation/runs/{id:long}/exports", StartAsync).WithSummary("Export what a run keeps.");
        app.MapGet("/api/curation/exports/{id:long}", GetAsync).WithSummary("One export with its counts and files.");
        app.MapGet("/api/curation/exports/{id:long}/files/{**path}", FileAsync).WithSummary("One of an export's files.");
    }

    private static async Task<Ok<List<ExportDto>>> ListAsync(long id, CurationStore store, JobQueue jobs, CancellationToken cancellationToken)
    {
        var list = new List<ExportDto>();
        foreach (var export in await store.ReadExportsAsync(new RunId(id), cancellationToken))
        {
            list.Add(ExportDto.From(export, await DatasetsApi.JobOfAsync(export.Job, jobs, cancellationToken), withFiles: false));
        }

        return TypedResults.Ok(list);
    }

    private static async Task<Results<Created<ExportDto>, ProblemHttpResult>> StartAsync(
        long id, ExportRequestDto request, HttpContext http, CurationStore store, CurationFolder folder, JobQueue jobs, CancellationToken cancellationToken)
    {
        if (await store.FindRunAsync(new RunId(id), cancellationToken) is not { } run)
        {
            return RunsApi.NoSuchRun(id);
        }

        if (run.Report is null)
        {
            return TypedResults.Problem($"Run {id} is not done: it still runs, or has failed.", statusCode: StatusCodes.Status409Conflict);
        }

        if (request.Folder is not null && (!OwnerConnection.Is(http) || !Path.IsPathFullyQualified(request.Folder)))
        {
            return TypedResults.Problem(
                $"Only this machine's command line says where an export goes: sightline curate export {id} FOLDER", statusCode: StatusCodes.Status403Forbidden);
        }

        var export = await store.AddExportAsync(
            run.Id, e => Serialize(request.ToRequest(request.Folder ?? folder.Export(e))),
            await store.ReadDecisionsAsync(run.Dataset, cancellationToken), cancellationToken);
        var job = await jobs.EnqueueAsync(CurationJobs.Export, new CurationJob(export.Value), cancellationToken);
        await store.SetExportJobAsync(export, job, cancellationToken);
        return TypedResults.Created(
            $"/api/curation/exports/{export}",
            ExportDto.From((await store.FindExportAsync(export, cancellationToken))!, await jobs.FindAsync(job, cancellationToken), withFiles: true));
    }

    private static async Task<Results<Ok<ExportDto>, ProblemHttpResult>> GetAsync(
        long id, CurationStore store, JobQueue jobs, CancellationToken cancellationToken) =>
        await store.FindExportAsync(new ExportId(id), cancellationToken) is { } export
            ? TypedResults.Ok(ExportDto.From(export, await DatasetsApi.JobOfAsync(export.Job, jobs, cancellationToken), withFiles: true))
            : NoSuchExport(id);

    // Only what the manifest names is served.
    private static async Task<Results<PhysicalFileHttpResult, ProblemHttpResult>> FileAsync(
        long id, string path, CurationStore store, CancellationToken cancellationToken)
    {
        if (await store.FindExportAsync(new ExportId(id), cancellationToken) is not { } export)
        {
            return NoSuchExport(id);
        }

        var shown = ExportDto.From(export, null, withFiles: true);
        if (shown.Files?.Any(f => f.Path == path) != true && path != "manifest.json")
        {
            return TypedResults.Problem($"Export {id} has no file {path}.", statusCode: StatusCodes.Status404NotFound);
        }

        var file = Path.Combine(shown.Folder, path);
        return File.Exists(file)
            ? TypedResults.PhysicalFile(file, "application/octet-stream", Path.GetFileName(path), enableRangeProcessing: true)
            : TypedResults.Problem($"{file} is no longer there.", statusCode: StatusCodes.Status404NotFound);
    }

    private static string Serialize(ExportRequest request)
    {
        request.Check();
        return JsonSerializer.Serialize(request, JsonSerializerOptions.Web);
    }

    private static ProblemHttpResult NoSuchExport(long id) =>
        TypedResults.Problem($"There is no export {id}.", statusCode: StatusCodes.Status404NotFound);
}
