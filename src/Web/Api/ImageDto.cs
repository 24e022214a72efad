using System.Globalization;
using Sightline.Search;

namespace Sightline.Web.Api;

/// <summary>An image as the API shows it.</summary>
/// <param name="Path">Relative to the folder.</param>
/// <param name="Missing">The file was gone when last looked for.</param>
/// <param name="Hidden">Put aside: not searched.</param>
public sealed record ImageDto(
    long Id, string Folder, string Path, string Format, int Width, int Height, long Bytes, DateTimeOffset ModifiedAt,
    DateTimeOffset? TakenAt, string? Camera, double? Latitude, double? Longitude, string? Caption, string Provenance, bool Missing, bool Hidden,
        string Sha256,
    string Thumb, string File, string Page)
{
    internal static ImageDto From(ImageRecord image)
    {
        var id = image.Id.Value.ToString(CultureInfo.InvariantCulture);
        var metadata = image.Metadata;
        return new(
            image.Id.Value, image.RootPath, image.Path, metadata.Format, metadata.Width, metadata.Height, image.Bytes,
                image.ModifiedAt,
            metadata.TakenAt, metadata.Camera, metadata.Latitude, metadata.Longitude, image.Caption,
            image.Provenance == Search.Provenance.Generated ? "generated" : "collected", image.MissingSince is not null, image.HiddenAt is not null,
            Convert.ToHexStringLower(image.Sha256), $"/images/{id}/thumb", $"/images/{id}/file", $"/photo/{id}");
    }
}
