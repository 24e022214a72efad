using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sightline.Search;

namespace Sightline.Web.Api;

/// <param name="Searched">Vectors that could have been hits.</param>
/// <param name="HasMore">Ask again with a larger offset.</param>
/// <param name="Upload">Names the picture that was given, for <c>upload=</c>; absent for other queries.</param>
public sealed record SearchResponse(
    IReadOnlyList<ImageDto> Hits, long Searched, bool HasMore, string Model, double EmbedMs, double SearchMs, string? Upload);

/// <summary>Queries: words, an image of the collection, or a picture of the caller's.</summary>
internal static class SearchApi
{
    internal const int DefaultLimit = 60;
    private const int UploadLimit = 64 << 20;

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/search",
            SearchAsync).WithSummary("Search by words (q), by an image of the collection (like) or by an uploaded picture (upload), in some folders (root) or all.");
        app.MapGet("/api/images/{id:long}/similar", SimilarToAsync).WithSummary("More like an image of the collection.");
        app.MapPost("/api/similar",
            SimilarAsync).WithSummary("Search by a picture: its file is the body, or the first file of a form.").DisableAntiforgery()
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(UploadLimit));
    }

    private static async Task<Ok<SearchResponse>> SearchAsync(
        string? q, long? like, string? upload, long[] root, int? limit, int? offset, SearchEngine engine, UploadStore uploads,
            CancellationToken cancellationToken)
    {
        var query = new SearchQuery(
            q, like is { } id ? new ImageId(id) : null, upload is null ? null : uploads.Get(upload), offset ?? 0, limit ?? DefaultLimit)
        {
            Roots = root.Length == 0 ? null : [.. root.Select(r => new RootId(r))],
        };
        return TypedResults.Ok(ToResponse(await engine.SearchAsync(query, cancellationToken), upload));
    }

    private static async Task<Ok<SearchResponse>> SimilarToAsync(
        long id, int? limit, int? offset, SearchEngine engine, CancellationToken cancellationToken) =>
        TypedResults.Ok(ToResponse(
            await engine.SearchAsync(new SearchQuery(null, new ImageId(id), null, offset ?? 0, limit ?? DefaultLimit),
                cancellationToken), null));

    private static async Task<Ok<SearchResponse>> SimilarAsync(
        int? limit, HttpRequest request, SearchEngine engine, UploadStore uploads, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        if (request.HasFormContentType)
        {
            var form = await request.ReadFormAsync(cancellationToken);
            var file = form.Files.Count > 0 ? form.Files[0] : throw new ArgumentException("The form holds no file.");
            await file.CopyToAsync(body, cancellationToken);
        }
        else
        {
            await request.Body.CopyToAsync(body, cancellationToken);
        }

        var upload = uploads.Add(body.ToArray());
        var result = await engine.SearchAsync(new SearchQuery(null, null, uploads.Get(upload), 0, limit ?? DefaultLimit),
            cancellationToken);
        return TypedResults.Ok(ToResponse(result, upload));
    }

    private static SearchResponse ToResponse(SearchResult result, string? upload) => new(
        [.. result.Hits.Select(hit => ImageDto.From(hit.Image, hit.Score))], result.Searched, result.HasMore, result.Space.Model,
        result.EmbedTime.TotalMilliseconds, result.SearchTime.TotalMilliseconds, upload);
}
