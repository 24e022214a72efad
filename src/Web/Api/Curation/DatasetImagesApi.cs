using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sightline.Curation;
using Sightline.Search;
using Sightline.Web.Access;

namespace Sightline.Web.Api;

/// <param name="Clip">Also what the model says: embeddings, similarity to the caption, likeness to written text.</param>
public sealed record MeasureRequestDto(bool Clip = false);

/// <param name="Output">Where the shards go; only from this machine's command line. Absent: a folder of the server's own.</param>
/// <param name="Concurrency">Addresses under way at once.</param>
/// <param name="PerHost">Of one host.</param>
/// <param name="Retries">Tries after the first, where the failure may pass.</param>
/// <param name="TimeoutSeconds">Of one try.</param>
/// <param name="Size">Pixels of the side that Resize sets.</param>
/// <param name="Format">jpg, png or webp, of images that are resized.</param>
/// <param name="Quality">1 to 100, of jpg and webp.</param>
/// <param name="IgnoreOptOut">Fetch also what servers forbid by X-Robots-Tag.</param>
public sealed record DownloadRequestDto(
    string? Output = null, int? Concurrency = null, int PerHost = 4, int Retries = 2, double TimeoutSeconds = 15,
    ResizeMode Resize = ResizeMode.None, int Size = 256, string Format = "jpg", int Quality = 95, bool IgnoreOptOut = false)
{
    internal DownloadRequest ToRequest(PairDataset dataset, string output)
    {
        var request = new DownloadRequest(dataset.Folder, output)
        {
            Concurrency = Concurrency, PerHost = PerHost, Retries = Retries, TimeoutSeconds = TimeoutSeconds, Resize = Resize, Size = Size,
            Format = Format, Quality = Quality, IgnoreOptOut = IgnoreOptOut,
        };
        request.Check();
        return request;
    }
}

/// <summary>Images of datasets: fetch them, and learn about them.</summary>
internal static class DatasetImagesApi
{
    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/api/curation/datasets/{name}/measure", MeasureAsync).WithSummary("Look at a dataset's images; what is known is not looked at again.");
        app.MapPost("/api/curation/datasets/{name}/download", DownloadAsync).WithSummary("Fetch the images of a dataset's addresses into WebDataset shards.");
    }

    private static async Task<Results<Created<JobDto>, ProblemHttpResult>> MeasureAsync(
        string name, MeasureRequestDto request, CurationStore store, CurationFolder folder, JobQueue jobs, CancellationToken cancellationToken)
    {
        if (await store.FindDatasetAsync(name, cancellationToken) is not { ImportedAt: not null } dataset)
        {
            return DatasetsApi.NoSuchDataset(name);
        }

        var measure = new MeasureRequest(dataset.Id.Value, folder.Dataset(dataset.Id).Folder, request.Clip);
        var job = await jobs.EnqueueAsync(MeasureRequest.Kind, measure, cancellationToken);
        await store.SetDatasetJobAsync(dataset.Id, job, cancellationToken);
        return TypedResults.Created($"/api/jobs/{job}", JobDto.From((await jobs.FindAsync(job, cancellationToken))!));
    }

    private static async Task<Results<Created<JobDto>, ProblemHttpResult>> DownloadAsync(
        string name, DownloadRequestDto request, HttpContext http, CurationStore store, CurationFolder folder, JobQueue jobs,
        CancellationToken cancellationToken)
    {
        if (await store.FindDatasetAsync(name, cancellationToken) is not { ImportedAt: not null } dataset)
        {
            return DatasetsApi.NoSuchDataset(name);
        }

        if (request.Output is not null && !OwnerConnection.Is(http))
        {
            return TypedResults.Problem(
                $"Only this machine's command line says where images go: sightline curate download {name} FOLDER",
                statusCode: StatusCodes.Status403Forbidden);
        }

        var download = request.ToRequest(folder.Dataset(dataset.Id), request.Output ?? folder.Downloads(dataset.Id));
        var job = await jobs.EnqueueAsync(DownloadRequest.Kind, download, cancellationToken);
        return TypedResults.Created($"/api/jobs/{job}", JobDto.From((await jobs.FindAsync(job, cancellationToken))!));
    }
}
