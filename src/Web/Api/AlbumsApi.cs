using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sightline.Search;

namespace Sightline.Web.Api;

/// <param name="Query">The part of the page's address after the question mark: what is searched for, filters, order.</param>
public sealed record AlbumDto(long Id, string Name, string Query, DateTimeOffset CreatedAt);

public sealed record AlbumRequest(string Name, string Query);

/// <summary>Searches that somebody keeps.</summary>
internal static class AlbumsApi
{
    private const int LongestName = 200;
    private const int LongestQuery = 16_384;

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/albums", ListAsync).WithSummary("Saved searches by name.");
        app.MapPut("/api/albums", SaveAsync).WithSummary("Save a search under a name; one of the same name is replaced.");
        app.MapDelete("/api/albums/{id:long}", DeleteAsync).WithSummary("Forget a saved search; its pictures stay.");
    }

    private static async Task<Ok<List<AlbumDto>>> ListAsync(Catalog catalog, CancellationToken cancellationToken) =>
        TypedResults.Ok((await catalog.ReadAlbumsAsync(cancellationToken)).Select(ToDto).ToList());

    private static async Task<Ok<AlbumDto>> SaveAsync(AlbumRequest request, Catalog catalog, CancellationToken cancellationToken)
    {
        var name = request.Name?.Trim() ?? "";
        if (name.Length is 0 or > LongestName)
        {
            throw new ArgumentException($"The name of an album has 1 to {LongestName} characters.");
        }

        if (request.Query is not { Length: > 0 and <= LongestQuery })
        {
            throw new ArgumentException($"The query of an album has 1 to {LongestQuery} characters.");
        }

        return TypedResults.Ok(ToDto(await catalog.SaveAlbumAsync(name, request.Query.TrimStart('?'), cancellationToken)));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        long id, Catalog catalog, CancellationToken cancellationToken) => await catalog.DeleteAlbumAsync(id, cancellationToken)
        ? TypedResults.NoContent()
        : TypedResults.Problem($"There is no album {id}.", statusCode: StatusCodes.Status404NotFound);

    private static AlbumDto ToDto(Album album) => new(album.Id, album.Name, album.Query, album.CreatedAt);
}
