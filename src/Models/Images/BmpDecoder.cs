using System.Buffers.Binary;

namespace Sightline.Models.Images;

/// <summary>
/// Windows bitmaps: uncompressed, 8-bit palette, 24 or 32 bits, rows up or down. libvips reads BMP only through a loader that is not fit
/// for untrusted files. The fourth byte of a 32-bit pixel is dropped, as Pillow drops it.
/// </summary>
internal static class BmpDecoder
{
    private const int HeaderBytes = 54;

    /// <summary>Reads the header; the fault where the file is no BMP of the kinds that are read.</summary>
    internal static ImageFault? TryOpen(ReadOnlySpan<byte> file, out BmpHeader header)
    {
        header = default;
        if (file.Length < HeaderBytes)
        {
            return new ImageFault("truncated", $"The BMP header takes {HeaderBytes} bytes; the file has {file.Length}.");
        }

        header = BmpHeader.Read(file);
        if (header.HeaderBytes < 40 || header.Bits is not (8 or 24 or 32) || !header.IsUncompressed)
        {
            return new ImageFault(
                "unknown_format",
                $"This BMP has {header.Bits} bits a pixel and compression {header.Compression}; 8, 24 or 32 bits without compression are read.");
        }

        return header.Width <= 0 || header.Height <= 0 || header.PixelsAt < HeaderBytes
            ? new ImageFault("corrupt", $"The BMP header gives {header.Width} x {header.Height} pixels at byte {header.PixelsAt}.")
            : null;
    }

    /// <summary>Whether the pixels that the header promises are all there.</summary>
    internal static bool IsComplete(ReadOnlySpan<byte> file, in BmpHeader header) =>
        header.PixelsAt + ((long)header.RowBytes * (header.Height - 1)) + ((long)header.Width * header.Bits / 8) <= file.Length;

    internal static RgbImage Decode(ReadOnlySpan<byte> file, in BmpHeader header)
    {
        var rgb = new byte[checked(header.Width * header.Height * 3)];
        var palette = header.Bits == 8 ? Palette(file, header) : default;
        for (var y = 0; y < header.Height; y++)
        {
            var stored = header.TopDown ? y : header.Height - 1 - y;
            var row = file.Slice(checked((int)(header.PixelsAt + ((long)stored * header.RowBytes))), header.Width * header.Bits / 8);
            ConvertRow(row, header.Bits / 8, palette, rgb.AsSpan(y * header.Width * 3, header.Width * 3));
        }

        return new RgbImage(header.Width, header.Height, rgb);
    }

    /// <summary>256 entries of B G R and a spare byte; those past the stored ones stay black.</summary>
    private static ReadOnlySpan<byte> Palette(ReadOnlySpan<byte> file, in BmpHeader header)
    {
        var palette = new byte[256 * 4];
        var start = Math.Min(14L + header.HeaderBytes, file.Length);
        var length = Math.Clamp(Math.Min(header.PixelsAt, file.Length) - start, 0, Math.Min(palette.Length, header.Colours * 4L));
        file.Slice((int)start, (int)length).CopyTo(palette);
        return palette;
    }

    private static void ConvertRow(ReadOnlySpan<byte> row, int pixelBytes, ReadOnlySpan<byte> palette, Span<byte> rgb)
    {
        for (int from = 0, to = 0; from < row.Length; from += pixelBytes, to += 3)
        {
            var pixel = pixelBytes == 1 ? palette.Slice(row[from] * 4, 3) : row.Slice(from, 3);
            rgb[to] = pixel[2];
            rgb[to + 1] = pixel[1];
            rgb[to + 2] = pixel[0];
        }
    }
}

/// <summary>The file header and BITMAPINFOHEADER, read as they stand.</summary>
internal readonly record struct BmpHeader(
    uint PixelsAt, uint HeaderBytes, int Width, int Height, bool TopDown, int Bits, uint Compression, uint Colours, bool StandardMasks)
{
    private const uint BitFields = 3;

    /// <summary>BI_RGB, or BI_BITFIELDS whose masks are those of plain 32-bit pixels.</summary>
    internal bool IsUncompressed => Compression == 0 || (Compression == BitFields && Bits == 32 && StandardMasks);

    /// <summary>Rows are padded to four bytes.</summary>
    internal int RowBytes => checked((int)((((long)Width * Bits) + 31) / 32 * 4));

    internal static BmpHeader Read(ReadOnlySpan<byte> file)
    {
        var height = BinaryPrimitives.ReadInt32LittleEndian(file[22..]);
        var colours = BinaryPrimitives.ReadUInt32LittleEndian(file[46..]);
        return new BmpHeader(
            PixelsAt: BinaryPrimitives.ReadUInt32LittleEndian(file[10..]),
            HeaderBytes: BinaryPrimitives.ReadUInt32LittleEndian(file[14..]),
            Width: BinaryPrimitives.ReadInt32LittleEndian(file[18..]),
            Height: height == int.MinValue ? 0 : Math.Abs(height),
            TopDown: height < 0,
            Bits: BinaryPrimitives.ReadUInt16LittleEndian(file[28..]),
            Compression: BinaryPrimitives.ReadUInt32LittleEndian(file[30..]),
            Colours: colours == 0 ? 256 : colours,
            StandardMasks: file[54..].StartsWith<byte>([0, 0, 0xFF, 0, 0, 0xFF, 0, 0, 0xFF, 0, 0, 0]));
    }
}
