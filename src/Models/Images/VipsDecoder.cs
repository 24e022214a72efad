namespace Sightline.Models.Images;

/// <summary>Decodes the formats that libvips reads. Each call decodes on its caller's thread.</summary>
internal static class VipsDecoder
{
    /// <summary>Null, with the picture, or the fault.</summary>
    internal static unsafe ImageFault? Decode(ReadOnlySpan<byte> file, string format, DecodeOptions options, out DecodedImage? image)
    {
        image = null;
        var native = ImageSignature.NativeOf(format)!.Value;
        fixed (byte* bytes = file)
        {
            using var full = LibVips.Open(bytes, file.Length, native, 1, out var header, out var status, out var cause);
            if (full is null)
            {
                return status == NativeStatus.NoLoader ? NoLoader(format) : Broken(file, format, "Its header cannot be read", cause);
            }

            if (ImageDecoder.CheckSize(header.Width, header.Height, options) is { } tooLarge)
            {
                return tooLarge;
            }

            var metadata = Describe(format, header, ExifReader.Read(format == "tiff" ? file : LibVips.Exif(full)));
            var shrink = ShrinkOf(native, Math.Min(header.Width, header.Height), options.ShorterSide);
            if (shrink == 1)
            {
                return ReadPixels(full, header, file, metadata, options.Background, out image);
            }

            using var small = LibVips.Open(bytes, file.Length, native, shrink, out header, out _, out cause);
            return small is null
                ? Broken(file, format, "Its header cannot be read", cause)
                : ReadPixels(small, header, file, metadata, options.Background, out image);
        }
    }

    private static ImageFault? ReadPixels(
        NativeImageHandle opened, NativeHeader header, ReadOnlySpan<byte> file, ImageMetadata metadata, int? background,
        out DecodedImage? image)
    {
        image = null;
        var turned = metadata.Orientation >= 5;
        var rgb = GC.AllocateUninitializedArray<byte>(header.Width * header.Height * 3);
        if (!LibVips.Read(opened, metadata.Orientation, background, rgb, out var rows, out var cause))
        {
            return Broken(file, metadata.Format, $"Decoding stopped at row {rows} of {header.Height}", cause);
        }

        var pixels = turned ? new RgbImage(header.Height, header.Width, rgb) : new RgbImage(header.Width, header.Height, rgb);
        image = new DecodedImage(pixels, metadata);
        return null;
    }

    /// <summary>JPEG shrinks by 2, 4 or 8 inside its inverse DCT; WebP is held to the same steps. The others are decoded in full.</summary>
    private static int ShrinkOf(NativeFormat format, int shorter, int wanted)
    {
        var shrink = 1;
        while (format is NativeFormat.Jpeg or NativeFormat.Webp && wanted > 0 && shrink < 8 && shorter / (shrink * 2) >= wanted)
        {
            shrink *= 2;
        }

        return shrink;
    }

    private static ImageMetadata Describe(string format, NativeHeader header, ExifFields exif)
    {
        var turned = header.Orientation >= 5;
        return new ImageMetadata(
            format, turned ? header.Height : header.Width, turned ? header.Width : header.Height, header.Orientation, exif.TakenAt,
            exif.Camera, exif.Latitude, exif.Longitude);
    }

    private static ImageFault Broken(ReadOnlySpan<byte> file, string format, string where, string cause) =>
        FileEnding.IsCutShort(format, file)
            ? new ImageFault("truncated", $"The {format} file ends too early, at byte {file.Length}. {where} ({cause}).")
            : new ImageFault("corrupt", $"The {format} file is damaged. {where} ({cause}).");

    private static ImageFault NoLoader(string format) => new(
        "unknown_format",
            $"This is a {format} file, and the libvips of this machine was built without it; convert it to JPEG, or install a fuller libvips.");
}
