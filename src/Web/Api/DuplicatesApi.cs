using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sightline.Search;

namespace Sightline.Web.Api;

/// <summary>Images that are nearly the same.</summary>
public sealed record DuplicateGroupDto(IReadOnlyList<ImageDto> Images);

/// <summary>Near-duplicates, streamed as they are found.</summary>
internal static class DuplicatesApi
{
    /// <summary>Cosine similarity from which on two pictures are called nearly the same.</summary>
    internal const float DefaultAbove = 0.97f;

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/duplicates", Find).WithSummary("Groups of images with a similarity of at least above (default 0.97), streamed.");

    private static IAsyncEnumerable<DuplicateGroupDto> Find(float? above, SearchEngine engine, CancellationToken cancellationToken) =>
        engine.FindDuplicatesAsync(above ?? DefaultAbove, cancellationToken)
            .Select(group => new DuplicateGroupDto([.. group.Images.Select(image => ImageDto.From(image))]));
}
