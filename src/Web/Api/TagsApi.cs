using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sightline.Search;

namespace Sightline.Web.Api;

/// <param name="Images">Images that have it, suggestions included.</param>
/// <param name="Suggested">Of these, the ones that nobody has looked at.</param>
public sealed record TagCountDto(string Name, long Images, long Suggested);

/// <param name="State">suggested by a model, or accepted or rejected by a person.</param>
/// <param name="Score">The model's probability; this and what follows is absent where no model says so.</param>
/// <param name="Typographic">It may be the word that is written in the picture.</param>
public sealed record ImageTagDto(
    long Image, string Name, TagState State, double? Score, double? Threshold, bool? Typographic, string? Model, string? LabelSet, long? Job,
    DateTimeOffset SetAt)
{
    internal static ImageTagDto From(ImageTag tag) => new(
        tag.Image.Value, tag.Name, tag.State, tag.Source?.Score, tag.Source?.Threshold, tag.Source?.Typographic, tag.Source?.Model,
        tag.Source?.LabelSet, tag.Source?.Job?.Value, tag.SetAt);
}

/// <param name="Images">Images of the collection.</param>
/// <param name="Add">Tags that they have: new ones, or suggestions that are right.</param>
/// <param name="Reject">Tags that they do not have; no model brings them back.</param>
/// <param name="Forget">Tags of which nobody has said anything: takes back what was added or rejected.</param>
public sealed record TagRequestDto(
    IReadOnlyList<long> Images, IReadOnlyList<string>? Add, IReadOnlyList<string>? Reject, IReadOnlyList<string>? Forget = null);

/// <param name="Changed">Image and tag pairs that were set.</param>
public sealed record TagResponse(int Changed);

/// <param name="Cursor">Asks for the next page; absent on the last.</param>
public sealed record ReviewResponse(IReadOnlyList<ImageTagDto> Tags, string? Cursor);

/// <summary>Tags of images: counts, changes, and what waits for a person's word.</summary>
internal static class TagsApi
{
    internal const int MostImages = 10_000;
    private const int MostTags = 100;
    private const int LongestTag = 300;

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/tags", CountAsync).WithSummary("Every tag with its number of images.");
        app.MapPost("/api/tags", SetAsync).WithSummary("Give tags to images, say that they do not have them, or take either back.");
        app.MapGet("/api/tags/review", ReviewAsync).WithSummary("Suggestions that nobody has looked at, nearest to their threshold first.");
        app.MapGet("/api/images/{id:long}/tags", OfImageAsync).WithSummary("An image's tags with where they come from.");
    }

    private static async Task<Ok<List<TagCountDto>>> CountAsync(Catalog catalog, CancellationToken cancellationToken) =>
        TypedResults.Ok((await catalog.CountTagsAsync(cancellationToken)).Select(t => new TagCountDto(t.Name, t.Images, t.Suggested)).ToList());

    private static async Task<Ok<List<ImageTagDto>>> OfImageAsync(long id, Catalog catalog, CancellationToken cancellationToken) =>
        TypedResults.Ok((await catalog.ReadTagsAsync([new ImageId(id)], cancellationToken)).Select(ImageTagDto.From).ToList());

    private static async Task<Ok<TagResponse>> SetAsync(TagRequestDto request, Catalog catalog, CancellationToken cancellationToken)
    {
        if (request.Images is not { Count: > 0 and <= MostImages })
        {
            throw new ArgumentException($"images is a list of 1 to {MostImages} numbers.");
        }

        var (add, reject, forget) = (Names(request.Add), Names(request.Reject), Names(request.Forget));
        string[] all = [.. add, .. reject, .. forget];
        if (all.Length is 0 or > MostTags || all.Distinct().Count() != all.Length)
        {
            throw new ArgumentException($"Give 1 to {MostTags} tags to add, to reject or to forget, each once.");
        }

        var images = request.Images.Select(id => new ImageId(id)).ToList();
        var changed = 0;
        foreach (var (name, isSo) in add.Select(n => (n, true)).Concat(reject.Select(n => (n, false))))
        {
            changed += await catalog.SetTagAsync(name, images, isSo, cancellationToken);
        }

        foreach (var name in forget)
        {
            changed += await catalog.ForgetTagAsync(name, images, cancellationToken);
        }

        return TypedResults.Ok(new TagResponse(changed));
    }

    private static async Task<Ok<ReviewResponse>> ReviewAsync(
        string? tag, int? limit, string? cursor, Catalog catalog, CancellationToken cancellationToken)
    {
        var wanted = Math.Clamp(limit ?? SearchApi.DefaultLimit, 1, SearchEngine.MaxLimit);
        var found = await catalog.ReadReviewAsync(tag, cursor is null ? null : Parse(cursor), wanted + 1, cancellationToken);
        var page = found.Take(wanted).ToList();
        return TypedResults.Ok(new ReviewResponse([.. page.Select(t => ImageTagDto.From(t.Tag))], found.Count > wanted ? CursorAfter(page[^1].Place) : null));
    }

    private static List<string> Names(IReadOnlyList<string>? names) => [.. (names ?? []).Select(name =>
        name?.Trim() is { Length: > 0 and <= LongestTag } trimmed && !trimmed.Any(char.IsControl)
            ? trimmed
            : throw new ArgumentException($"A tag has 1 to {LongestTag} characters and no control characters."))];

    private static string CursorAfter(ReviewPlace place) => Base64Url.EncodeToString(
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{place.Margin:R} {place.Image} {place.Tag} {place.Set}")));

    private static ReviewPlace Parse(string cursor)
    {
        var parts = Base64Url.IsValid(cursor) ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split(' ') : [];
        return parts.Length == 4 && float.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var margin)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var image)
            && long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var tag)
            && long.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out var set)
            ? new ReviewPlace(margin, image, tag, set)
            : throw new ArgumentException($"{cursor} is no cursor of this API.");
    }
}
