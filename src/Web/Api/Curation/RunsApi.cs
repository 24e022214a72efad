using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sightline.Curation;
using Sightline.Search;
using Sightline.Web.Access;

namespace Sightline.Web.Api;

/// <summary>Recipes over datasets: try one, run one, see what it dropped and why.</summary>
internal static class RunsApi
{
    private const int MostPairs = 200;
    private const int MostRuns = 200;
    private const int MostSamples = 24;
    private const int LongestRecipe = 1 << 20;

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/api/curation/datasets/{name}/preview", PreviewAsync).OnlyReads().WithSummary("What a recipe would keep and drop, at once.");
        app.MapGet("/api/curation/runs", ListAsync).WithSummary("Runs, newest first; of one dataset or of all.");
        app.MapPost("/api/curation/runs", StartAsync).WithSummary("Run a recipe over a dataset.");
        app.MapGet("/api/curation/runs/{id:long}", GetAsync).WithSummary("One run with its funnel, reasons and histograms.");
        app.MapGet("/api/curation/runs/{id:long}/pairs", PairsAsync).WithSummary("Pairs that a run kept, or dropped, all or for one reason.");
        app.MapDelete("/api/curation/runs/{id:long}", DeleteAsync).WithSummary("Forget a run; exported files stay.");
    }

    private static async Task<Results<Ok<PreviewResponse>, ProblemHttpResult>> PreviewAsync(
        string name, PreviewRequest request, HttpContext http, CurationStore store, CurationFolder folder, DatasetSamples samples, PairLookup lookup,
        CancellationToken cancellationToken)
    {
        if (await FindImportedAsync(name, store, cancellationToken) is not { } dataset)
        {
            return NotThere(name);
        }

        if (request.Folder is not null && !OwnerConnection.Is(http))
        {
            return NotYours();
        }

        var recipe = ReadRecipe(request.Recipe);
        var pairs = folder.Dataset(dataset.Id);
        var context = await ContextAsync(request.Folder, store, folder, cancellationToken);
        var wanted = Math.Clamp(request.Samples, 0, MostSamples);
        var sample = await samples.FindAsync(pairs, cancellationToken);
        var preview = await sample.PreviewAsync(recipe, context, wanted, request.Groups, cancellationToken);
        var texts = preview.Report.Steps.SelectMany(s => s.Reasons).ToDictionary(r => r.Number, r => r.Text);
        var decisions = await store.ReadDecisionsAsync(dataset.Id, cancellationToken);
        var shown = await Task.Run(
            () => preview.Samples.ToDictionary(s => s.Key, s => (IReadOnlyList<PairDto>)[.. lookup.Find(pairs, s.Value, cancellationToken).Select(p =>
                PairDto.From(p, texts.GetValueOrDefault(s.Key), null, decisions.TryGetValue(p.Row, out var keep) ? keep : null))]),
            cancellationToken);
        return TypedResults.Ok(new PreviewResponse(
            preview.Total, preview.Report, preview.NotCounted, JsonElement.Parse(recipe.ToJson()), shown));
    }

    private static async Task<Ok<List<RunDto>>> ListAsync(
        string? dataset, int? limit, CurationStore store, JobQueue jobs, CancellationToken cancellationToken)
    {
        var names = (await store.ReadDatasetsAsync(cancellationToken)).ToDictionary(d => d.Id, d => d.Name);
        var of = dataset is null ? null : await store.FindDatasetAsync(dataset, cancellationToken)
            ?? throw new ArgumentException($"There is no dataset {dataset}.");
        var list = new List<RunDto>();
        foreach (var run in await store.ReadRunsAsync(of?.Id, Math.Clamp(limit ?? 50, 1, MostRuns), cancellationToken))
        {
            list.Add(RunDto.From(
                run, names.GetValueOrDefault(run.Dataset, ""), await DatasetsApi.JobOfAsync(run.Job, jobs, cancellationToken), null, withReport: false));
        }

        return TypedResults.Ok(list);
    }

    private static async Task<Results<Created<RunDto>, ProblemHttpResult>> StartAsync(
        RunRequest request, HttpContext http, CurationStore store, CurationFolder folder, JobQueue jobs, CancellationToken cancellationToken)
    {
        if (await FindImportedAsync(request.Dataset ?? "", store, cancellationToken) is not { } dataset)
        {
            return NotThere(request.Dataset ?? "");
        }

        if (request.Folder is not null && !OwnerConnection.Is(http))
        {
            return NotYours();
        }

        var recipe = ReadRecipe(request.Recipe);

        // Settings that contradict each other are told now, not by a job.
        recipe.Check(await ContextAsync(request.Folder, store, folder, cancellationToken));
        var id = await store.AddRunAsync(dataset.Id, request.Recipe, recipe, request.Folder, cancellationToken);
        var job = await jobs.EnqueueAsync(CurationJobs.Run, new CurationJob(id.Value), cancellationToken);
        await store.SetRunJobAsync(id, job, cancellationToken);
        return TypedResults.Created(
            $"/api/curation/runs/{id}",
            RunDto.From((await store.FindRunAsync(id, cancellationToken))!, dataset.Name, await jobs.FindAsync(job, cancellationToken), null, withReport: false));
    }

    private static async Task<Results<Ok<RunDto>, ProblemHttpResult>> GetAsync(
        long id, CurationStore store, JobQueue jobs, CancellationToken cancellationToken)
    {
        if (await store.FindRunAsync(new RunId(id), cancellationToken) is not { } run)
        {
            return NoSuchRun(id);
        }

        var dataset = await store.FindDatasetAsync(run.Dataset.ToString(), cancellationToken);
        var decisions = await store.ReadDecisionsAsync(run.Dataset, cancellationToken);
        return TypedResults.Ok(RunDto.From(
            run, dataset?.Name ?? "", await DatasetsApi.JobOfAsync(run.Job, jobs, cancellationToken),
            new DecisionsDto(decisions.Values.Count(k => k), decisions.Values.Count(k => !k)), withReport: true));
    }

    /// <param name="reason">A reason's code or number; <c>kept</c>, <c>dropped</c> (the default), or <c>by_hand</c>, kept or dropped.</param>
    private static async Task<Results<Ok<PairsResponse>, ProblemHttpResult>> PairsAsync(
        long id, string? reason, long? from, int? limit, CurationStore store, CurationFolder folder, PairLookup lookup,
        CancellationToken cancellationToken)
    {
        if (await store.FindRunAsync(new RunId(id), cancellationToken) is not { } run)
        {
            return NoSuchRun(id);
        }

        if (run.Report is not { } report)
        {
            return TypedResults.Problem($"Run {id} is not done: it still runs, or has failed.", statusCode: StatusCodes.Status409Conflict);
        }

        var wanted = Math.Clamp(limit ?? 24, 1, MostPairs);
        var decisions = await store.ReadDecisionsAsync(run.Dataset, cancellationToken);
        var dataset = folder.Dataset(run.Dataset);
        var found = await Task.Run(
            () => RunPairs.Find(dataset, folder.Run(run.Id), report, decisions, reason ?? "dropped", Math.Max(0, from ?? 0), wanted + 1, lookup, cancellationToken),
            cancellationToken);
        return TypedResults.Ok(new PairsResponse(
            [.. found.Take(wanted).Select(p => PairDto.From(p.Pair, p.Reason, p.Twin, decisions.TryGetValue(p.Pair.Row, out var keep) ? keep : null))],
            found.Count > wanted ? found[wanted].Pair.Row : null));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        long id, CurationStore store, JobQueue jobs, CancellationToken cancellationToken)
    {
        if (await store.FindRunAsync(new RunId(id), cancellationToken) is not { } run)
        {
            return NoSuchRun(id);
        }

        if (run.Job is { } job)
        {
            await jobs.RequestCancelAsync(job, cancellationToken);
        }

        await store.DeleteRunAsync(run.Id, cancellationToken);
        await jobs.EnqueueAsync(CurationJobs.Sweep, new CurationJob(0), cancellationToken);
        return TypedResults.NoContent();
    }

    private static ProblemHttpResult NotYours() => TypedResults.Problem(
        "Only this machine's command line may say where a recipe's files are: sightline curate run", statusCode: StatusCodes.Status403Forbidden);

    internal static ProblemHttpResult NoSuchRun(long id) =>
        TypedResults.Problem($"There is no run {id}.", statusCode: StatusCodes.Status404NotFound);

    private static Recipe ReadRecipe(string? recipe) => recipe is { Length: > 0 and <= LongestRecipe }
        ? RecipeReader.Read(recipe)
        : throw new ArgumentException($"recipe is YAML or JSON of 1 to {LongestRecipe} characters.");

    private static async Task<Dataset?> FindImportedAsync(string name, CurationStore store, CancellationToken cancellationToken) =>
        await store.FindDatasetAsync(name, cancellationToken) is { ImportedAt: not null } dataset ? dataset : null;

    private static ProblemHttpResult NotThere(string name) =>
        TypedResults.Problem($"There is no dataset {name}, or it is not imported yet.", statusCode: StatusCodes.Status404NotFound);

    private static async Task<RecipeContext> ContextAsync(string? given, CurationStore store, CurationFolder folder, CancellationToken cancellationToken) =>
        folder.Context(given, (await store.ReadDatasetsAsync(cancellationToken)).ToDictionary(d => d.Name, d => d.Id));
}
