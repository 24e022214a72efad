using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sightline.Search;
using Sightline.Web.Access;

namespace Sightline.Web.Api;

/// <param name="Kind"><c>index</c> a folder, or <c>tag</c> the collection.</param>
/// <param name="Folder">Absolute path; of an index job.</param>
/// <param name="Exclude">Patterns of what is passed over; absent keeps those given before.</param>
/// <param name="LabelSet">The labels' name; of a tag job.</param>
/// <param name="Threshold">Least probability of a tag, 0 to 1; 0.5 where absent.</param>
/// <param name="Filter">Which images to tag, as in a search; all where absent.</param>
public sealed record JobRequest(
    string Kind, string? Folder = null, IReadOnlyList<string>? Exclude = null, string? LabelSet = null, double? Threshold = null,
    JsonElement? Filter = null);

/// <summary>A job as the API shows it.</summary>
public sealed record JobDto(
    long Id, string Kind, JsonElement Arguments, JobState State, JobProgress Progress, string? Summary, string? Error,
        DateTimeOffset CreatedAt,
    DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt)
{
    internal static JobDto From(Job job) => new(
        job.Id.Value, job.Kind, JsonElement.Parse(job.Arguments), job.State, job.Progress, job.Summary, job.Error, job.CreatedAt,
            job.StartedAt,
        job.FinishedAt);
}

/// <summary>Work that outlives a request.</summary>
internal static class JobsApi
{
    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/jobs", ListAsync).WithSummary("The newest jobs.");
        app.MapPost("/api/jobs",
            StartAsync).WithSummary("Index a folder (again from a page, for the first time only from this machine's command line), or tag the collection.");
        app.MapGet("/api/jobs/{id:long}", GetAsync).WithSummary("One job with its progress.");
        app.MapPost("/api/jobs/{id:long}/cancel", CancelAsync).WithSummary("Stop a job; what it has stored stays.");
    }

    private static async Task<Ok<List<JobDto>>> ListAsync(int? limit, JobQueue jobs, CancellationToken cancellationToken) =>
        TypedResults.Ok((await jobs.ListAsync(Math.Clamp(limit ?? 20, 1, 1000), cancellationToken)).Select(JobDto.From).ToList());

    private static async Task<Results<Created<JobDto>, ProblemHttpResult>> StartAsync(
        JobRequest request, HttpContext http, JobQueue jobs, Catalog catalog, CancellationToken cancellationToken)
    {
        if (request.Kind == TagRequest.Kind)
        {
            return await StartTaggingAsync(request, jobs, catalog, cancellationToken);
        }

        if (request.Kind != IndexRequest.Kind)
        {
            return TypedResults.Problem($"There is no job of kind {request.Kind}; there are index and tag.",
                statusCode: StatusCodes.Status400BadRequest);
        }

        if (!Path.IsPathFullyQualified(request.Folder ?? ""))
        {
            return TypedResults.Problem($"{request.Folder} is no absolute path.", statusCode: StatusCodes.Status400BadRequest);
        }

        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(request.Folder!));
        if (!OwnerConnection.Is(http) && (await catalog.ReadRootsAsync(cancellationToken)).All(r => r.Path != folder))
        {
            return TypedResults.Problem(
                $"{folder} is not indexed yet; a new folder is opened from the command line: sightline index {folder}",
                    statusCode: StatusCodes.Status403Forbidden);
        }

        var id = await jobs.EnqueueAsync(IndexRequest.Kind, new IndexRequest(folder, request.Exclude), cancellationToken);
        return TypedResults.Created($"/api/jobs/{id}", JobDto.From((await jobs.FindAsync(id, cancellationToken))!));
    }

    private static async Task<Results<Created<JobDto>, ProblemHttpResult>> StartTaggingAsync(
        JobRequest request, JobQueue jobs, Catalog catalog, CancellationToken cancellationToken)
    {
        if (request.LabelSet is not { Length: > 0 } name || await catalog.FindLabelSetAsync(name, cancellationToken) is null)
        {
            return TypedResults.Problem($"There is no label set {request.LabelSet}.", statusCode: StatusCodes.Status400BadRequest);
        }

        var tagging = new TagRequest(
            name, request.Threshold ?? TagRequest.DefaultThreshold, request.Filter is { ValueKind: not JsonValueKind.Null } filter ? filter : null);
        tagging.Check();
        var id = await jobs.EnqueueAsync(TagRequest.Kind, tagging, cancellationToken);
        return TypedResults.Created($"/api/jobs/{id}", JobDto.From((await jobs.FindAsync(id, cancellationToken))!));
    }

    private static async Task<Results<Ok<JobDto>,
        ProblemHttpResult>> GetAsync(long id, JobQueue jobs, CancellationToken cancellationToken) =>
        await jobs.FindAsync(new JobId(id), cancellationToken) is { } job ? TypedResults.Ok(JobDto.From(job)) : NoSuchJob(id);

    private static async Task<Results<Accepted,
        ProblemHttpResult>> CancelAsync(long id, JobQueue jobs, CancellationToken cancellationToken) =>
        await jobs.RequestCancelAsync(new JobId(id), cancellationToken) ? TypedResults.Accepted($"/api/jobs/{id}") : NoSuchJob(id);

    private static ProblemHttpResult NoSuchJob(long id) =>
        TypedResults.Problem($"There is no job {id} that runs.", statusCode: StatusCodes.Status404NotFound);
}
