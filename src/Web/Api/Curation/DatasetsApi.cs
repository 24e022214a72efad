using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sightline.Curation;
using Sightline.Curation.Import;
using Sightline.Models.Images;
using Sightline.Search;
using Sightline.Web.Access;

namespace Sightline.Web.Api;

/// <summary>Heaps of (image, caption) pairs: bring them in, look at them, say what of them must stay or go.</summary>
internal static class DatasetsApi
{
    private const int MostPairs = 200;
    private const int MostDecisions = 10_000;
    private const int ThumbHeight = 320;
    private const long LargestImage = 256 << 20;

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/curation/datasets", ListAsync).WithSummary("All datasets, newest first.");
        app.MapPost("/api/curation/datasets", AddAsync).WithSummary(
            "Import pairs from files or from the search catalogue (files outside indexed folders only from this machine's command line).");
        app.MapGet("/api/curation/datasets/{name}", GetAsync).WithSummary("One dataset with its histograms.");
        app.MapDelete("/api/curation/datasets/{name}", DeleteAsync).WithSummary("Forget a dataset with its runs; what it was imported from stays.");
        app.MapPost("/api/curation/datasets/{name}/resume", ResumeAsync).WithSummary("Go on with an import that was cancelled or failed.");
        app.MapGet("/api/curation/datasets/{name}/faults", FaultsAsync).WithSummary("What stood in the source where a pair should; the first thousand.");
        app.MapGet("/api/curation/datasets/{name}/pairs", PairsAsync).WithSummary("Pairs by their rows, or some from a row on.");
        app.MapGet("/api/curation/datasets/{name}/decisions", DecisionsAsync).WithSummary("What people said of single pairs.");
        app.MapPost("/api/curation/datasets/{name}/decisions", DecideAsync).WithSummary("Keep or drop single pairs whatever recipes say, or take that back.");
        app.MapGet("/api/curation/datasets/{name}/pairs/{row:long}/thumb", ThumbAsync).WithSummary("A pair's image, at most 320 pixels high, as WebP.");
        app.MapGet("/api/curation/datasets/{name}/pairs/{row:long}/image", ImageAsync).WithSummary("A pair's image as a JPEG that every browser shows.");
    }

    private static async Task<Ok<List<DatasetDto>>> ListAsync(CurationStore store, JobQueue jobs, CancellationToken cancellationToken)
    {
        var list = new List<DatasetDto>();
        foreach (var dataset in await store.ReadDatasetsAsync(cancellationToken))
        {
            list.Add(DatasetDto.From(dataset, await JobOfAsync(dataset.Job, jobs, cancellationToken), withStatistics: false));
        }

        return TypedResults.Ok(list);
    }

    private static async Task<Results<Created<DatasetDto>, ProblemHttpResult>> AddAsync(
        DatasetRequest request, HttpContext http, CurationStore store, JobQueue jobs, Catalog catalog, DatasetSources sources,
        CancellationToken cancellationToken)
    {
        var source = request.ToSource();
        var isConfined = !OwnerConnection.Is(http);
        var roots = await catalog.ReadRootsAsync(cancellationToken);
        if (isConfined && new[] { request.Path, request.ImageFolder }.OfType<string>().FirstOrDefault(p => !IndexedPath.IsIn(roots, p)) is { } outside)
        {
            return NotIndexed(outside, request);
        }

        // An export of ours tells where its images are; over the network that counts only where they could be asked for.
        if (source.Files is { ImageFolder: null } files && await Task.Run(() => PairSources.FindImageFolder(files), cancellationToken) is { } images
            && (!isConfined || IndexedPath.IsIn(roots, images)))
        {
            source = source with { Files = files with { ImageFolder = images } };
        }

        // A path that leads nowhere is told now, not by a job.
        var opened = await Task.Run(() => sources.Open(source), cancellationToken);
        if (isConfined && request.Path is { } path && !IndexedPath.AreOrdinary(opened.Files))
        {
            return NotIndexed(path, request);
        }

        var id = await store.AddDatasetAsync(request.Name?.Trim() ?? "", source.ToJson(), cancellationToken);
        return TypedResults.Created($"/api/curation/datasets/{id}", await StartAsync(id, store, jobs, cancellationToken));
    }

    private static async Task<Results<Ok<DatasetDto>, ProblemHttpResult>> ResumeAsync(
        string name, CurationStore store, JobQueue jobs, CancellationToken cancellationToken) =>
        await store.FindDatasetAsync(name, cancellationToken) is not { } dataset ? NoSuchDataset(name)
            : dataset.ImportedAt is not null ? TypedResults.Problem($"{name} is imported.", statusCode: StatusCodes.Status409Conflict)
            : TypedResults.Ok(await StartAsync(dataset.Id, store, jobs, cancellationToken));

    private static async Task<DatasetDto> StartAsync(DatasetId id, CurationStore store, JobQueue jobs, CancellationToken cancellationToken)
    {
        var job = await jobs.EnqueueAsync(CurationJobs.Import, new CurationJob(id.Value), cancellationToken);
        await store.SetDatasetJobAsync(id, job, cancellationToken);
        var dataset = await store.FindDatasetAsync(id.ToString(), cancellationToken);
        return DatasetDto.From(dataset!, await jobs.FindAsync(job, cancellationToken), withStatistics: false);
    }

    private static async Task<Results<Ok<DatasetDto>, ProblemHttpResult>> GetAsync(
        string name, CurationStore store, JobQueue jobs, CancellationToken cancellationToken) =>
        await store.FindDatasetAsync(name, cancellationToken) is { } dataset
            ? TypedResults.Ok(DatasetDto.From(dataset, await JobOfAsync(dataset.Job, jobs, cancellationToken), withStatistics: true))
            : NoSuchDataset(name);

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string name, CurationStore store, JobQueue jobs, CancellationToken cancellationToken)
    {
        if (await store.FindDatasetAsync(name, cancellationToken) is not { } dataset)
        {
            return NoSuchDataset(name);
        }

        foreach (var job in await store.ReadJobsAsync(dataset.Id, cancellationToken))
        {
            await jobs.RequestCancelAsync(job, cancellationToken);
        }

        // Its files go with the next job, which no longer can be the one that writes them.
        await store.DeleteDatasetAsync(dataset.Id, cancellationToken);
        await jobs.EnqueueAsync(CurationJobs.Sweep, new CurationJob(0), cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<IReadOnlyList<SourceFault>>, ProblemHttpResult>> FaultsAsync(
        string name, CurationStore store, CancellationToken cancellationToken) =>
        await store.FindDatasetAsync(name, cancellationToken) is { } dataset ? TypedResults.Ok(dataset.FaultExamples) : NoSuchDataset(name);

    private static async Task<Results<Ok<PairsResponse>, ProblemHttpResult>> PairsAsync(
        string name, string? rows, long? from, int? limit, CurationStore store, CurationFolder folder, PairLookup lookup,
        CancellationToken cancellationToken)
    {
        if (await store.FindDatasetAsync(name, cancellationToken) is not { } dataset)
        {
            return NoSuchDataset(name);
        }

        var wanted = Math.Clamp(limit ?? 24, 1, MostPairs);
        var first = Math.Max(0, from ?? 0);
        var numbers = rows is null ? [.. Enumerable.Range(0, wanted).Select(i => first + i)] : ParseRows(rows);
        var decisions = await store.ReadDecisionsAsync(dataset.Id, cancellationToken);
        var found = await Task.Run(() => lookup.Find(folder.Dataset(dataset.Id), numbers, cancellationToken), cancellationToken);
        return TypedResults.Ok(new PairsResponse(
            [.. found.Select(p => PairDto.From(p, null, null, decisions.TryGetValue(p.Row, out var keep) ? keep : null))],
            rows is null && found.Count == wanted && first + wanted < dataset.Pairs ? first + wanted : null));
    }

    private static async Task<Results<Ok<Dictionary<long, bool>>, ProblemHttpResult>> DecisionsAsync(
        string name, CurationStore store, CancellationToken cancellationToken) => await store.FindDatasetAsync(name, cancellationToken) is { } dataset
        ? TypedResults.Ok((await store.ReadDecisionsAsync(dataset.Id, cancellationToken)).ToDictionary())
        : NoSuchDataset(name);

    private static async Task<Results<Ok<DecisionResponse>, ProblemHttpResult>> DecideAsync(
        string name, DecisionRequest request, CurationStore store, CancellationToken cancellationToken)
    {
        if (request.Rows is not { Count: > 0 and <= MostDecisions } || request.Rows.Any(r => r < 0))
        {
            throw new ArgumentException($"rows is a list of 1 to {MostDecisions} numbers from 0 on.");
        }

        return await store.FindDatasetAsync(name, cancellationToken) is { } dataset
            ? TypedResults.Ok(new DecisionResponse(await store.DecideAsync(dataset.Id, request.Rows, request.Keep, cancellationToken)))
            : NoSuchDataset(name);
    }

    private static Task<Results<FileContentHttpResult, ProblemHttpResult>> ThumbAsync(
        string name, long row, HttpContext http, CurationStore store, CurationFolder folder, PairLookup lookup, DecodingTurns decoding,
        CancellationToken cancellationToken) =>
        ShowAsync(name, row, ThumbHeight, i => (ImageEncoder.EncodeWebp(i, 78, 1), "image/webp"), http, store, folder, lookup, decoding, cancellationToken);

    private static Task<Results<FileContentHttpResult, ProblemHttpResult>> ImageAsync(
        string name, long row, HttpContext http, CurationStore store, CurationFolder folder, PairLookup lookup, DecodingTurns decoding,
        CancellationToken cancellationToken) =>
        ShowAsync(name, row, 2048, i => (ImageEncoder.EncodeJpeg(i), "image/jpeg"), http, store, folder, lookup, decoding, cancellationToken);

    // The location was written by an import that somebody on this machine began: what it names is served.
    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> ShowAsync(
        string name, long row, int height, Func<RgbImage, (byte[] Bytes, string Type)> encode, HttpContext http, CurationStore store,
        CurationFolder folder, PairLookup lookup, DecodingTurns decoding, CancellationToken cancellationToken)
    {
        if (await store.FindDatasetAsync(name, cancellationToken) is not { } dataset)
        {
            return NoSuchDataset(name);
        }

        var pairs = await Task.Run(() => lookup.Find(folder.Dataset(dataset.Id), [row], cancellationToken), cancellationToken);
        if (pairs is not [var pair] || !ImageLocation.TryParse(System.Text.Encoding.UTF8.GetBytes(pair.Image), out var location))
        {
            return TypedResults.Problem($"{name} has no image of a pair {row}.", statusCode: StatusCodes.Status404NotFound);
        }

        var (encoded, type, fault) = await decoding.RunAsync(() => Draw(location, height, encode), cancellationToken);
        if (fault is not null)
        {
            return TypedResults.Problem(fault.Detail, statusCode: StatusCodes.Status404NotFound);
        }

        http.Response.Headers.CacheControl = "private, max-age=3600";
        return TypedResults.File(encoded, type);
    }

    private static (byte[] Bytes, string Type, ImageFault? Fault) Draw(ImageLocation location, int height, Func<RgbImage, (byte[] Bytes, string Type)> encode)
    {
        if (!PairImages.TryRead(location, LargestImage, out var bytes, out var fault)
            || !ImageDecoder.TryDecode(bytes, new DecodeOptions(ShorterSide: height), out var image, out fault))
        {
            return ([], "", fault);
        }

        var (encoded, type) = encode(ImageEncoder.Fit(image!.Pixels, height * 3, height));
        return (encoded, type, null);
    }

    internal static ProblemHttpResult NoSuchDataset(string name) =>
        TypedResults.Problem($"There is no dataset {name}.", statusCode: StatusCodes.Status404NotFound);

    internal static async Task<Job?> JobOfAsync(JobId? id, JobQueue jobs, CancellationToken cancellationToken) =>
        id is { } job ? await jobs.FindAsync(job, cancellationToken) : null;

    private static ProblemHttpResult NotIndexed(string path, DatasetRequest request) => TypedResults.Problem(
        $"{path} is not in an indexed folder, or a link or pattern leads out of it; other files are imported from the command line: "
        + $"sightline curate import {request.Path}",
        statusCode: StatusCodes.Status403Forbidden);

    private static List<long> ParseRows(string rows)
    {
        var numbers = new List<long>();
        foreach (var text in rows.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            numbers.Add(long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var row)
                ? row
                : throw new ArgumentException($"rows is a list of numbers such as 0,5,9; {text} is none."));
        }

        return numbers.Count is > 0 and <= MostPairs ? numbers : throw new ArgumentException($"rows has 1 to {MostPairs} numbers.");
    }
}
