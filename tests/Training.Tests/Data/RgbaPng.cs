using System.Buffers.Binary;
using System.IO.Compression;

namespace Sightline.Training.Tests.Data;

/// <summary>Writes PNGs with alpha, which the product does not.</summary>
internal static class RgbaPng
{
    internal static byte[] Encode(int width, int height, byte[] rgba)
    {
        using var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 6);
        Write(file, "IHDR"u8, header);
        Write(file, "IDAT"u8, Packed(width, height, rgba));
        Write(file, "IEND"u8, []);
        return file.ToArray();
    }

    /// <summary>Rows without a filter.</summary>
    private static byte[] Packed(int width, int height, byte[] rgba)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest))
        {
            for (var y = 0; y < height; y++)
            {
                zlib.WriteByte(0);
                zlib.Write(rgba, y * width * 4, width * 4);
            }
        }

        return packed.ToArray();
    }

    private static void Write(MemoryStream file, ReadOnlySpan<byte> type, byte[] data)
    {
        byte[] body = [.. type, .. data];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(body));
        file.Write(number);
    }

    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }
}
