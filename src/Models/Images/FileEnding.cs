using System.Buffers.Binary;

namespace Sightline.Models.Images;

/// <summary>
/// Tells a file that was cut short from one that is damaged, once decoding has failed. Looks at the container only: a decoder's message
/// does not say it reliably.
/// </summary>
internal static class FileEnding
{
    internal static bool IsCutShort(string format, ReadOnlySpan<byte> file) => format switch
    {
        "jpeg" => JpegIsCutShort(file),
        "png" => PngIsCutShort(file),
        "webp" => file.Length < 12 || file.Length < BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) + 8L,
        "gif" => file.TrimEnd((byte)0) is not [.., 0x3B],
        "tiff" => TiffIsCutShort(file),
        "heic" or "avif" => BoxesAreCutShort(file),
        _ => false,
    };

    /// <summary>Segments up to the first scan, then the end marker: in coded data a 0xFF byte is followed by 0, so FF D9 there is the
    /// marker.</summary>
    private static bool JpegIsCutShort(ReadOnlySpan<byte> file)
    {
        var at = 2;
        while (at + 4 <= file.Length && file[at] == 0xFF)
        {
            if (file[at + 1] == 0xDA)
            {
                return file[at..].IndexOf<byte>([0xFF, 0xD9]) < 0;
            }

            at += file[at + 1] == 0xFF ? 1 : 2 + BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
        }

        return at + 4 > file.Length;
    }

    private static bool PngIsCutShort(ReadOnlySpan<byte> file)
    {
        var at = 8L;
        while (at + 12 <= file.Length)
        {
            var chunk = file[(int)at..];
            at += 12L + BinaryPrimitives.ReadUInt32BigEndian(chunk);
            if (chunk[4..].StartsWith("IEND"u8))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The first directory, or strips or tiles that it lists, lie past the end.</summary>
    private static bool TiffIsCutShort(ReadOnlySpan<byte> file)
    {
        if (!TiffDirectory.TryOpen(file, out var directory))
        {
            return true;
        }

        return AnyPastEnd(directory.Numbers(273), directory.Numbers(279), file.Length)
            || AnyPastEnd(directory.Numbers(324), directory.Numbers(325), file.Length);
    }

    private static bool AnyPastEnd(uint[] offsets, uint[] sizes, long length) =>
        offsets.Zip(sizes).Any(part => part.First + (long)part.Second > length);

    private static bool BoxesAreCutShort(ReadOnlySpan<byte> file)
    {
        var at = 0L;
        while (at + 8 <= file.Length)
        {
            var size = BinaryPrimitives.ReadUInt32BigEndian(file[(int)at..]);
            if (size is 0 or 1)
            {
                return false;
            }

            at += Math.Max(8, size);
        }

        return at != file.Length;
    }
}
