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
/// <param name="Reason">A snake_case code: empty_file, unknown_format, corrupt, truncated, too_large, unreadable, vanished.</param>
/// <param name="Detail">One sentence for a person, naming numbers where there are any.</param>
public sealed record ImageFault(string Reason, string Detail);

/// <summary>Bounds on what a file may cost.</summary>
/// <param name="ShorterSide">Shrink while loading so that the shorter side is still at least this many pixels; 0 decodes in full.</param>
/// <param name="MaxSide">Longest side accepted, in pixels; checked before pixels are allocated.</param>
/// <param name="MaxPixels">Most pixels accepted, width x height; 715,000,000 is the most that one buffer holds.</param>
/// <param name="MaxBytes">Longest file accepted.</param>
/// <param name="Background">What lies behind a picture with alpha, 0xRRGGBB; null drops its alpha, as Pillow's <c>convert("RGB")</c>
/// does.</param>
public sealed record DecodeOptions(
    int ShorterSide = 0, int MaxSide = 30_000, long MaxPixels = 200_000_000, long MaxBytes = 1_000_000_000, int? Background = null);

/// <summary>
/// Decodes untrusted files with libvips: only loaders fit for untrusted input, sizes checked before pixels are allocated. Pixels are what
/// Pillow's <c>convert("RGB")</c> gives (alpha dropped unless a background is given, no colour profile applied), because CLIP was trained
/// on those, then turned upright.
/// Safe to call from many threads; each call decodes on its caller's.
/// </summary>
public static class ImageDecoder
{
    /// <summary>Decodes a file. A bad file is an expected outcome: false, with the fault.</summary>
    public static bool TryDecode(string path, DecodeOptions options, out DecodedImage? image, out ImageFault? fault)
    {
        image = null;
        return PictureFile.TryRead(path, options.MaxBytes, out var bytes, out fault) && TryDecode(bytes, options, out image, out fault);
    }

    /// <summary>Decodes a file held in memory.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> file, DecodeOptions options, out DecodedImage? image, out ImageFault? fault)
    {
        image = null;
        fault = file.IsEmpty ? new ImageFault("empty_file", "The file has no bytes.") : null;
        if (fault is not null)
        {
            return false;
        }

        var format = ImageSignature.Recognise(file[..Math.Min(file.Length, ImageSignature.Length)]);
        fault = format switch
        {
            null => UnknownFormat(file),
            ImageSignature.Bmp => DecodeBmp(file, options, out image),
            _ => VipsDecoder.Decode(file, format, options, out image),
        };
        return fault is null;
    }

    internal static ImageFault UnknownFormat(ReadOnlySpan<byte> start) => new(
        "unknown_format",
        $"The file begins with {Convert.ToHexString(start[..Math.Min(8, start.Length)])}, which is not JPEG, PNG, WebP, GIF, TIFF, HEIC, AVIF or BMP.");

    /// <summary>Null where a picture of this size may be decoded.</summary>
    internal static ImageFault? CheckSize(int width, int height, DecodeOptions options)
    {
        var pixels = (long)width * height;
        var most = Math.Min(options.MaxPixels, Array.MaxLength / 3);
        return Math.Max(width, height) > options.MaxSide || pixels > most
            ? new ImageFault(
                "too_large", $"The picture is {width} x {height} pixels; at most {options.MaxSide} a side and {most} in all are read.")
            : null;
    }

    private static ImageFault? DecodeBmp(ReadOnlySpan<byte> file, DecodeOptions options, out DecodedImage? image)
    {
        image = null;
        var fault = BmpDecoder.TryOpen(file, out var header) ?? CheckSize(header.Width, header.Height, options);
        if (fault is not null)
        {
            return fault;
        }

        if (!BmpDecoder.IsComplete(file, header))
        {
            return new ImageFault("truncated",
                $"The BMP ends at byte {file.Length}, before its {header.Width} x {header.Height} pixels do.");
        }

        var metadata = new ImageMetadata(ImageSignature.Bmp, header.Width, header.Height, 1, null, null, null, null);
        image = new DecodedImage(BmpDecoder.Decode(file, header), metadata);
        return null;
    }
}
