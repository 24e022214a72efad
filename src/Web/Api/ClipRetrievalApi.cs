using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sightline.Models;
using Sightline.Search;
using Sightline.Web.Access;

namespace Sightline.Web.Api;

/// <summary>What clip-retrieval's client and page send; what is not named here they send too, and it is ignored.</summary>
/// <param name="Text">Words.</param>
/// <param name="Image">A picture's file in base64.</param>
/// <param name="ImageUrl">A picture's address.</param>
/// <param name="EmbeddingInput">A vector of the served model.</param>
/// <param name="Modality">image: what is looked for. There are no text indices here.</param>
/// <param name="NumImages">Pictures wanted.</param>
/// <param name="NumResultIds">Hits wanted, where it is more: those beyond have only id and similarity there.</param>
/// <param name="Deduplicate">Fold near-duplicates.</param>
public sealed record KnnRequest(
    string? Text, string? Image, [property: JsonPropertyName("image_url")] string? ImageUrl,
    [property: JsonPropertyName("embedding_input")] float[]? EmbeddingInput, string? Modality,
    [property: JsonPropertyName("num_images")] int? NumImages, [property: JsonPropertyName("num_result_ids")] int? NumResultIds,
    [property: JsonPropertyName("indice_name")] string? IndiceName, bool? Deduplicate);

/// <summary>A hit under clip-retrieval's field names.</summary>
public sealed record KnnHit(
    long Id, double Similarity, string Url, [property: JsonPropertyName("image_path")] string ImagePath, string? Caption);

public sealed record MetadataRequest(IReadOnlyList<long> Ids, [property: JsonPropertyName("indice_name")] string? IndiceName);

public sealed record MetadataItem(long Id, IReadOnlyDictionary<string, object?> Metadata);

/// <summary>clip-retrieval's back end, so that its client and its page work unchanged.</summary>
internal static class ClipRetrievalApi
{
    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/knn-service", SearchAsync).WithSummary("Search (clip-retrieval's shape).").DisableAntiforgery().OnlyReads().TakesPictures();
        app.MapPost("/metadata", MetadataAsync).WithSummary("What is known of images (clip-retrieval's shape).").DisableAntiforgery().OnlyReads();
        app.MapGet("/indices-list", (SearchEngine engine) => TypedResults.Ok<string[]>([engine.Space.Model]))
            .WithSummary("The indices that can be searched: one (clip-retrieval's shape).");
    }

    private static async Task<Ok<List<KnnHit>>> SearchAsync(
        KnnRequest request, HttpRequest http, SearchEngine engine, PictureFetcher fetcher, CancellationToken cancellationToken)
    {
        CheckIndex(request.IndiceName, engine);
        if (request.Modality is not (null or "image"))
        {
            throw new ArgumentException($"There is no {request.Modality} index; modality is image.");
        }

        var query = new SearchQuery
        {
            Terms = [await TermAsync(request, engine.Space, fetcher, cancellationToken)],
            Limit = Math.Clamp(Math.Max(request.NumImages ?? 0, request.NumResultIds ?? 0) is > 0 and var wanted ? wanted : 100, 1, SearchEngine.MaxLimit),
            FoldDuplicates = request.Deduplicate ?? true,
        };
        var host = $"{http.Scheme}://{http.Host}";
        var result = await engine.SearchAsync(query, cancellationToken);
        return TypedResults.Ok(result.Hits.Select(hit => new KnnHit(
            hit.Image.Id.Value, hit.Score ?? 0, $"{host}/images/{hit.Image.Id}/file", hit.Image.Path, hit.Image.Caption)).ToList());
    }

    private static async Task<QueryTerm> TermAsync(
        KnnRequest request, EmbeddingSpace space, PictureFetcher fetcher, CancellationToken cancellationToken) => request switch
    {
        { Text: { Length: > 0 } text } => new TextTerm(text),
        { Image: { Length: > 0 } image } => new PictureTerm(DataAddress.DecodeBase64(image, "image")),
        { ImageUrl: { Length: > 0 } address } => new PictureTerm(DataAddress.DecodeFile(await fetcher.FetchAsync(address, cancellationToken), address)),
        { EmbeddingInput: { } vector } => new VectorTerm(Embedding.Normalize(space, vector)),
        _ => throw new ArgumentException("Give one of text, image, image_url and embedding_input."),
    };

    private static async Task<Ok<List<MetadataItem>>> MetadataAsync(
        MetadataRequest request, SearchEngine engine, Catalog catalog, CancellationToken cancellationToken)
    {
        CheckIndex(request.IndiceName, engine);
        if (request.Ids is not { Count: <= SearchEngine.MaxLimit })
        {
            throw new ArgumentException($"ids is a list of at most {SearchEngine.MaxLimit} numbers.");
        }

        var images = await catalog.ReadImagesAsync([.. request.Ids.Select(id => new ImageId(id))], cancellationToken);
        return TypedResults.Ok(images.Select(image => new MetadataItem(image.Id.Value, new Dictionary<string, object?>
        {
            ["image_path"] = image.Path,
            ["caption"] = image.Caption,
            ["width"] = image.Metadata.Width,
            ["height"] = image.Metadata.Height,
            ["sha256"] = Convert.ToHexStringLower(image.Sha256),
        })).ToList());
    }

    private static void CheckIndex(string? name, SearchEngine engine)
    {
        if (name is { Length: > 0 } && name != engine.Space.Model)
        {
            throw new ArgumentException($"There is no index {name}; there is {engine.Space.Model}.");
        }
    }
}
