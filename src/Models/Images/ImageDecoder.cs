namespace Sightline.Models.Images;

/// <summary>What a decoded file holds: pixels turned upright, and what the file says of itself.</summary>
public sealed record DecodedImage(RgbImage Pixels, ImageMetadata Metadata);

/// <summary>What a picture's file says of itself. Width and height are those of the full picture, turned upright.</summary>
/// <param name="Format">Lower-case: jpeg, png, webp, gif, tiff, heic, avif, bmp.</param>
/// <param name="Orientation">EXIF orientation, 1 to 8; 1 where the file says nothing.</param>
/// <param name="TakenAt">EXIF DateTimeOriginal; UTC where the file gives no offset.</param>
/// <param name="Latitude">Degrees north, -90 to 90.</param>
/// <param name="Longitude">Degrees east, -180 to 180.</param>
public sealed record ImageMetadata(
    string Format, int Width, int Height, int Orientation, DateTimeOffset? TakenAt, string? Camera, double? Latitude, double? Longitude);

/// <summary>Why a file gave no picture.</summary>
/// <param name="Reason">A snake_case code: empty_file, unknown_format, corrupt, truncated, too_large, too_small, unreadable, vanished.</param>
/// <param name="Detail">One sentence for a person, naming numbers where there are any.</param>
public sealed record ImageFault(string Reason, string Detail);

/// <summary>Bounds on what a file may cost.</summary>
/// <param name="ShorterSide">Shrink while loading so that the shorter side is still at least this many pixels; 0 decodes in full.</param>
/// <param name="MaxSide">Longest side accepted, in pixels; checked before pixels are allocated.</param>
/// <param name="MaxPixels">Most pixels accepted, width x height.</param>
public sealed record DecodeOptions(int ShorterSide = 0, int MaxSide = 30_000, long MaxPixels = 200_000_000);

/// <summary>Decodes untrusted files with libvips: only loaders fit for untrusted input, sizes checked before pixels are allocated.</summary>
public static class ImageDecoder
{
    /// <summary>Decodes a file. A bad file is an expected outcome: false, with the fault.</summary>
    public static bool TryDecode(string path, DecodeOptions options, out DecodedImage? image, out ImageFault? fault) =>
        throw new NotImplementedException();

    /// <summary>Decodes a file held in memory.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> file, DecodeOptions options, out DecodedImage? image, out ImageFault? fault) =>
        throw new NotImplementedException();
}
