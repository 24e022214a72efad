using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sightline.Search;
using Sightline.Web.Access;
using Sightline.Web.Queries;

namespace Sightline.Web.Api;

/// <param name="Searched">Images that could have been hits.</param>
/// <param name="HasMore">Ask again with the cursor, or with a larger offset.</param>
/// <param name="Cursor">Goes on after the last hit, whatever comes or goes meanwhile; absent on the last page.</param>
/// <param name="Upload">Names the picture that was given, for <c>upload=</c>; absent for other queries.</param>
public sealed record SearchResponse(
    IReadOnlyList<HitDto> Hits, long Searched, bool HasMore, string? Cursor, string Model, double EmbedMs, double SearchMs, string? Upload);

/// <summary>A part of a query: exactly one of text, image, upload and picture.</summary>
/// <param name="Text">Words.</param>
/// <param name="Image">An image of the collection.</param>
/// <param name="Upload">The name of an uploaded picture.</param>
/// <param name="Picture">A picture as a data address: <c>data:image/...;base64,...</c></param>
/// <param name="Weight">1 where absent; negative: less of it.</param>
public sealed record TermDto(string? Text, long? Image, string? Upload, string? Picture, float? Weight);

/// <summary>Turns the query towards the difference of two texts.</summary>
/// <param name="Amount">0 to 1; 0.4 where absent.</param>
public sealed record ShiftDto(string To, string? From, float? Amount);

/// <param name="Query">The search box; or else terms.</param>
/// <param name="Filter"><c>{field:{eq|ne|in|nin|gt|gte|lt|lte: value}, and|or: [...], not: {...}}</c></param>
/// <param name="Order">relevance, newest or oldest.</param>
/// <param name="Above">Least score in deviations above the collection's middle.</param>
/// <param name="Fold">Fold hits that are nearly the same.</param>
/// <param name="Words">Match names, captions and tags too (default true).</param>
/// <param name="Limit">1 to 1000; 60 where absent.</param>
/// <param name="Cursor">From the page before.</param>
public sealed record SearchRequest(
    string? Query, IReadOnlyList<TermDto>? Terms, ShiftDto? Shift, JsonElement? Filter, string? Order, double? Above, bool? Fold, bool? Words,
    int? Limit, string? Cursor);

/// <summary>A value of a field and how many images have it.</summary>
public sealed record FacetDto(string Field, string Value, int Count);

/// <summary>Queries: words, pictures, both, or a filter alone.</summary>
internal static class SearchApi
{
    internal const int DefaultLimit = 60;

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/search", SearchAsync).WithSummary("Search by words, by pictures or by both, filtered and sorted; without a query, list.");
        app.MapPost("/api/search", SearchByTermsAsync).WithSummary("The same with terms and filters as JSON.").DisableAntiforgery().OnlyReads().TakesPictures();
        app.MapGet("/api/images", SearchAsync).WithSummary("List images, newest first; every parameter of a search is allowed.");
        app.MapGet("/api/images/{id:long}/similar", SimilarToAsync).WithSummary("More like an image of the collection.");
        app.MapGet("/api/similar", SimilarToAddressAsync).WithSummary("Search by a picture elsewhere: a public http or https address.");
        app.MapPost("/api/similar",
            SimilarAsync).WithSummary("Search by a picture: its file is the body, or the first file of a form.").DisableAntiforgery().OnlyReads().TakesPictures();
        app.MapGet("/api/facets", FacetsAsync).WithSummary("How many images each folder, camera, format, orientation and year has, within a filter.");
    }

    private static async Task<Ok<SearchResponse>> SearchAsync(
        [AsParameters] SearchParameters parameters, int? limit, int? offset, string? cursor, SearchEngine engine, UploadStore uploads,
        CancellationToken cancellationToken)
    {
        var query = parameters.ToQuery(uploads, offset ?? 0, limit ?? DefaultLimit, cursor);
        return TypedResults.Ok(ToResponse(await engine.SearchAsync(query, cancellationToken), parameters.Upload));
    }

    private static async Task<Ok<SearchResponse>> SearchByTermsAsync(
        SearchRequest request, SearchEngine engine, UploadStore uploads, CancellationToken cancellationToken)
    {
        if (request.Query is not null && request.Terms is not null)
        {
            throw new ArgumentException("A search has a query or terms, not both.");
        }

        var parsed = request.Terms is null
            ? QueryParser.Parse(request.Query ?? "", uploads.Get)
            : new ParsedQuery([.. request.Terms.Select((term, i) => ToTerm(term, i, uploads))], null);
        var query = new SearchQuery
        {
            Terms = parsed.Terms,
            Shift = request.Shift is { } shift ? new QueryShift(shift.To, shift.From, shift.Amount ?? QueryShift.DefaultAmount) : parsed.Shift,
            Filter = request.Filter is { ValueKind: not JsonValueKind.Null } filter ? FilterJson.Parse(filter) : null,
            Order = SearchParameters.ParseOrder(request.Order),
            AboveSigma = request.Above,
            FoldDuplicates = request.Fold ?? false,
            MatchWords = request.Words ?? true,
            Limit = request.Limit ?? DefaultLimit,
            Cursor = request.Cursor,
        };
        return TypedResults.Ok(ToResponse(await engine.SearchAsync(query, cancellationToken), null));
    }

    private static async Task<Ok<SearchResponse>> SimilarToAsync(
        long id, int? limit, int? offset, string? cursor, SearchEngine engine, CancellationToken cancellationToken)
    {
        var query = SearchQuery.Like(new ImageId(id)) with { Offset = offset ?? 0, Limit = limit ?? DefaultLimit, Cursor = cursor };
        return TypedResults.Ok(ToResponse(await engine.SearchAsync(query, cancellationToken), null));
    }

    private static async Task<Ok<SearchResponse>> SimilarAsync(
        int? limit, HttpRequest request, SearchEngine engine, UploadStore uploads, CancellationToken cancellationToken)
    {
        var upload = await uploads.ReceiveAsync(request, cancellationToken);
        var query = new SearchQuery { Terms = [new PictureTerm(uploads.Get(upload))], Limit = limit ?? DefaultLimit };
        return TypedResults.Ok(ToResponse(await engine.SearchAsync(query, cancellationToken), upload));
    }

    private static async Task<Ok<SearchResponse>> SimilarToAddressAsync(
        string url, int? limit, SearchEngine engine, UploadStore uploads, PictureFetcher fetcher, CancellationToken cancellationToken)
    {
        var upload = uploads.Add(await fetcher.FetchAsync(url, cancellationToken));
        var query = new SearchQuery { Terms = [new PictureTerm(uploads.Get(upload))], Limit = limit ?? DefaultLimit };
        return TypedResults.Ok(ToResponse(await engine.SearchAsync(query, cancellationToken), upload));
    }

    private static async Task<Ok<List<FacetDto>>> FacetsAsync(
        [AsParameters] SearchParameters parameters, SearchEngine engine, UploadStore uploads, CancellationToken cancellationToken)
    {
        var filter = (parameters with { Words = null, Like = null, Upload = null }).ToQuery(uploads, 0, 1).Filter;
        var facets = await engine.CountFacetsAsync(filter, cancellationToken);
        return TypedResults.Ok(facets.Select(f =>
            new FacetDto(JsonNamingPolicy.CamelCase.ConvertName(f.Field.ToString()), f.Value, f.Count)).ToList());
    }

    private static QueryTerm ToTerm(TermDto term, int index, UploadStore uploads)
    {
        var weight = term.Weight ?? 1;
        return term switch
        {
            { Text: { } text, Image: null, Upload: null, Picture: null } => new TextTerm(text, weight),
            { Text: null, Image: { } image, Upload: null, Picture: null } => new ImageTerm(new ImageId(image), weight),
            { Text: null, Image: null, Upload: { } upload, Picture: null } => new PictureTerm(uploads.Get(upload), weight),
            { Text: null, Image: null, Upload: null, Picture: { } picture } => new PictureTerm(DataAddress.Decode(picture, $"term {index}"), weight),
            _ => throw new ArgumentException($"term {index} has not exactly one of text, image, upload and picture."),
        };
    }

    private static SearchResponse ToResponse(SearchResult result, string? upload) => new(
        [.. result.Hits.Select(HitDto.From)], result.Searched, result.HasMore, result.Cursor, result.Space.Model,
        result.EmbedTime.TotalMilliseconds, result.SearchTime.TotalMilliseconds, upload);
}
