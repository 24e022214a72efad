using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using Sightline.Models.Images;
using Sightline.Search;

namespace Sightline.Web.Api;

/// <param name="Hidden">true where absent; false puts them back.</param>
public sealed record HideRequest(IReadOnlyList<long> Ids, bool? Hidden);

/// <param name="Changed">Images that were not so before.</param>
public sealed record HideResponse(int Changed);

/// <summary>Images: what is known of them, and their bytes.</summary>
internal static class ImagesApi
{
    private const int PreviewSide = 2048;
    private const int MostHidden = 10_000;

    private static readonly Dictionary<string, string> ContentTypes = new()
    {
        ["jpeg"] = "image/jpeg", ["png"] = "image/png", ["webp"] = "image/webp", ["gif"] = "image/gif", ["tiff"] = "image/tiff",
        ["heic"] = "image/heic", ["avif"] = "image/avif", ["bmp"] = "image/bmp",
    };

    /// <summary>Formats that every browser shows.</summary>
    internal static bool IsShownByBrowsers(string format) => format is "jpeg" or "png" or "webp" or "gif" or "avif" or "bmp";

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/images/{id:long}", GetAsync).WithSummary("What is known of an image.");
        app.MapPost("/api/images/hide", HideAsync).WithSummary("Put images aside, or back: they are not searched meanwhile, nothing is deleted.");
        app.MapGet("/images/{id:long}/thumb", ThumbAsync).WithSummary("A thumbnail, 480 pixels high, as WebP.");
        app.MapGet("/images/{id:long}/file", FileAsync).WithSummary("The file as it is.");
        app.MapGet("/images/{id:long}/preview", PreviewAsync).WithSummary("The picture as a JPEG that every browser shows.");
        app.MapGet("/uploads/{name}", Upload).ExcludeFromDescription();
    }

    private static async Task<Results<Ok<ImageDto>,
        ProblemHttpResult>> GetAsync(long id, Catalog catalog, CancellationToken cancellationToken) =>
        await catalog.FindImageAsync(new ImageId(id), cancellationToken) is { } image ? TypedResults.Ok(ImageDto.From(image))
            : NoSuchImage(id);

    private static async Task<Ok<HideResponse>> HideAsync(HideRequest request, Catalog catalog, CancellationToken cancellationToken)
    {
        if (request.Ids is not { Count: > 0 and <= MostHidden })
        {
            throw new ArgumentException($"ids is a list of 1 to {MostHidden} images.");
        }

        var images = request.Ids.Select(id => new ImageId(id)).ToList();
        return TypedResults.Ok(new HideResponse(await catalog.HideAsync(images, request.Hidden ?? true, cancellationToken)));
    }

    private static async Task<Results<PhysicalFileHttpResult, ProblemHttpResult, StatusCodeHttpResult>> ThumbAsync(
        long id, HttpContext http, Catalog catalog, ThumbnailStore thumbnails, CancellationToken cancellationToken)
    {
        if (await catalog.FindImageAsync(new ImageId(id), cancellationToken) is not { } image)
        {
            return NoSuchImage(id);
        }

        if (!File.Exists(thumbnails.PathOf(image.Sha256)) && ConfinedPath(image) is null)
        {
            return Gone(image);
        }

        if (!thumbnails.TryGet(image.Sha256, image.FullPath, out var path, out var fault))
        {
            return TypedResults.Problem(fault!.Detail, statusCode: StatusCodes.Status404NotFound);
        }

        http.Response.Headers.CacheControl = "private, max-age=3600";
        return TypedResults.PhysicalFile(path!, "image/webp", entityTag: TagOf(image, "t"));
    }

    private static async Task<Results<PhysicalFileHttpResult, ProblemHttpResult>> FileAsync(
        long id, bool? download, HttpContext http, Catalog catalog, CancellationToken cancellationToken)
    {
        if (await catalog.FindImageAsync(new ImageId(id), cancellationToken) is not { } image)
        {
            return NoSuchImage(id);
        }

        if (ConfinedPath(image) is not { } path)
        {
            return Gone(image);
        }

        http.Response.Headers.CacheControl = "private, no-cache";
        return TypedResults.PhysicalFile(
            path, ContentTypes.GetValueOrDefault(image.Metadata.Format, "application/octet-stream"),
            download == true ? Path.GetFileName(image.Path) : null, image.ModifiedAt, TagOf(image, "f"), enableRangeProcessing: true);
    }

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> PreviewAsync(
        long id, HttpContext http, Catalog catalog, CancellationToken cancellationToken)
    {
        if (await catalog.FindImageAsync(new ImageId(id), cancellationToken) is not { } image)
        {
            return NoSuchImage(id);
        }

        if (ConfinedPath(image) is not { } path)
        {
            return Gone(image);
        }

        if (!ImageDecoder.TryDecode(path, new DecodeOptions(ShorterSide: PreviewSide), out var decoded, out var fault))
        {
            return TypedResults.Problem(fault!.Detail, statusCode: StatusCodes.Status404NotFound);
        }

        http.Response.Headers.CacheControl = "private, max-age=3600";
        return TypedResults.File(
            ImageEncoder.EncodeJpeg(ImageEncoder.Fit(decoded!.Pixels, PreviewSide, PreviewSide)), "image/jpeg",
                entityTag: TagOf(image, "p"));
    }

    private static FileContentHttpResult Upload(string name, UploadStore uploads) =>
        TypedResults.File(ImageEncoder.EncodeJpeg(ImageEncoder.Fit(uploads.Get(name), 480, 480)), "image/jpeg");

    /// <summary>
    /// The file's path where it is an ordinary file below its root. No part of it may be a link: the walk follows none, so one that is
    /// there now was put in place of what was indexed.
    /// </summary>
    internal static string? ConfinedPath(ImageRecord image)
    {
        var path = image.RootPath;
        foreach (var part in image.Path.Split('/'))
        {
            path = Path.Combine(path, part);
            if (part is ".." or "." or "" || new FileInfo(path).LinkTarget is not null)
            {
                return null;
            }
        }

        return File.Exists(path) ? path : null;
    }

    private static EntityTagHeaderValue TagOf(ImageRecord image, string kind) =>
        new($"\"{kind}{Convert.ToHexStringLower(image.Sha256.AsSpan(0, 12))}\"");

    private static ProblemHttpResult NoSuchImage(long id) =>
        TypedResults.Problem($"There is no image {id}.", statusCode: StatusCodes.Status404NotFound);

    private static ProblemHttpResult Gone(ImageRecord image) =>
        TypedResults.Problem($"{image.Path} is not where it was indexed; index its folder again.",
            statusCode: StatusCodes.Status404NotFound);
}
