using System.Text;

namespace Sightline.Models.Images;

/// <summary>Tells formats by a file's first bytes, never by its name.</summary>
public static class ImageSignature
{
    /// <summary>How many bytes are enough to tell.</summary>
    public const int Length = 64;

    internal const string Bmp = "bmp";

    /// <summary>The format as <see cref="ImageMetadata.Format"/> spells it; null where it is none that is read.</summary>
    public static string? Recognise(ReadOnlySpan<byte> start) => start switch
    {
        [0xFF, 0xD8, 0xFF, ..] => "jpeg",
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => "png",
        _ when start.Length >= 12 && start.StartsWith("RIFF"u8) && start[8..].StartsWith("WEBP"u8) => "webp",
        _ when start.StartsWith("GIF87a"u8) || start.StartsWith("GIF89a"u8) => "gif",
        [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] => "tiff",
        _ when start.Length >= 12 && start[4..].StartsWith("ftyp"u8) => OfBrands(start),
        [(byte)'B', (byte)'M', _, _, _, _, 0, 0, 0, 0, ..] => Bmp,
        _ => null,
    };

    /// <summary>What native/image.c calls a format; null for BMP, which libvips is not asked to read.</summary>
    internal static NativeFormat? NativeOf(string format) =>
        format == Bmp ? null : Enum.Parse<NativeFormat>(format, ignoreCase: true);

    /// <summary>ISO/IEC 23008-12: the major brand, then the compatible ones, each of four letters.</summary>
    private static string? OfBrands(ReadOnlySpan<byte> start)
    {
        var end = Math.Min(start.Length, (int)Math.Min(int.MaxValue, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(start)));
        for (var at = 8; at + 4 <= end; at += 4)
        {
            switch (Encoding.ASCII.GetString(start.Slice(at, 4)))
            {
                case "avif" or "avis": return "avif";
                case "heic" or "heix" or "heim" or "heis" or "hevc" or "hevx": return "heic";
            }
        }

        return null;
    }
}
