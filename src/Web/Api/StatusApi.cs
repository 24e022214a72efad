using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sightline.Models;
using Sightline.Models.Clip;
using Sightline.Search;

namespace Sightline.Web.Api;

/// <param name="Path">Of the folder that is indexed.</param>
public sealed record RootDto(long Id, string Path, IReadOnlyList<string> Exclude);

/// <param name="Compute">What the model runs on.</param>
/// <param name="Job">The job that runs now; absent when none does.</param>
public sealed record StatusResponse(
    CatalogStatus Catalog, int Indexed, string Model, int Dimensions, string Compute, IReadOnlyList<RootDto> Roots, JobDto? Job);

/// <param name="Reason">A code; the detail says it in a sentence.</param>
public sealed record FaultDto(string Folder, string Path, long Bytes, string Reason, string Detail, DateTimeOffset SeenAt);

/// <summary>Counts, folders, and the files that gave no picture.</summary>
internal static class StatusApi
{
    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/status", GetAsync).WithSummary("Counts, the model, folders and the job under way.");
        app.MapGet("/api/faults", FaultsAsync).WithSummary("Files that gave no picture, and why.");
    }

    internal static async Task<StatusResponse> ReadAsync(
        Catalog catalog, JobQueue jobs, SearchEngine engine, IEmbedder embedder, CancellationToken cancellationToken)
    {
        var roots = await catalog.ReadRootsAsync(cancellationToken);
        var running = (await jobs.ListAsync(20, cancellationToken)).LastOrDefault(j => j.State is JobState.Running or JobState.Queued);
        return new StatusResponse(
            await catalog.ReadStatusAsync(engine.Space, cancellationToken), engine.Count, engine.Space.Model, engine.Space.Dimensions,
            embedder is ClipEmbedder clip ? clip.Compute : "", [.. roots.Select(r => new RootDto(r.Id.Value, r.Path, r.Exclude))],
            running is null ? null : JobDto.From(running));
    }

    private static async Task<Ok<StatusResponse>> GetAsync(
        Catalog catalog, JobQueue jobs, SearchEngine engine, IEmbedder embedder, CancellationToken cancellationToken) =>
        TypedResults.Ok(await ReadAsync(catalog, jobs, engine, embedder, cancellationToken));

    private static async Task<Results<Ok<List<FaultDto>>, ProblemHttpResult>> FaultsAsync(
        string? folder, Catalog catalog, CancellationToken cancellationToken)
    {
        var roots = (await catalog.ReadRootsAsync(cancellationToken)).ToDictionary(r => r.Id);
        RootId? only = null;
        if (folder is not null)
        {
            if (roots.Values.FirstOrDefault(r => r.Path == Path.TrimEndingDirectorySeparator(folder)) is not { } root)
            {
                return TypedResults.Problem($"{folder} is not indexed.", statusCode: StatusCodes.Status404NotFound);
            }

            only = root.Id;
        }

        var faults = new List<FaultDto>();
        await foreach (var fault in catalog.ReadFaultsAsync(only, cancellationToken))
        {
            faults.Add(new FaultDto(roots[fault.Root].Path, fault.Path, fault.Bytes, fault.Reason, fault.Detail, fault.SeenAt));
        }

        return TypedResults.Ok(faults);
    }
}
