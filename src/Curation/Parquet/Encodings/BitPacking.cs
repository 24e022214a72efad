using System.Buffers.Binary;
using System.Numerics;

namespace Sightline.Curation.Parquet;

/// <summary>
/// Unpacks numbers of a few bits each, the least significant bits of each byte first (Encodings.md, RLE, "bit-packed-run"). Eight bytes are
/// loaded for each number: a buffer must have <see cref="Slack"/> bytes behind the last.
/// </summary>
internal static class BitPacking
{
    internal const int Slack = 8;

    /// <param name="bit">Where the first number begins, in bits from the buffer's beginning.</param>
    /// <param name="width">Bits of a number, 0 to 32.</param>
    internal static void Unpack(ReadOnlySpan<byte> buffer, long bit, int width, Span<uint> into)
    {
        var mask = (uint)((1ul << width) - 1);
        var i = 0;
        if (width <= 8 && (bit & 7) == 0)
        {
            // Eight numbers lie in one load.
            for (var at = (int)(bit >> 3); i + 8 <= into.Length; i += 8, at += width)
            {
                var word = BinaryPrimitives.ReadUInt64LittleEndian(buffer[at..]);
                var group = into.Slice(i, 8);
                group[7] = (uint)(word >> (7 * width)) & mask;
                group[6] = (uint)(word >> (6 * width)) & mask;
                group[5] = (uint)(word >> (5 * width)) & mask;
                group[4] = (uint)(word >> (4 * width)) & mask;
                group[3] = (uint)(word >> (3 * width)) & mask;
                group[2] = (uint)(word >> (2 * width)) & mask;
                group[1] = (uint)(word >> width) & mask;
                group[0] = (uint)word & mask;
            }
        }

        for (bit += (long)i * width; i < into.Length; i++, bit += width)
        {
            into[i] = (uint)(BinaryPrimitives.ReadUInt64LittleEndian(buffer[(int)(bit >> 3)..]) >> (int)(bit & 7)) & mask;
        }
    }

    /// <param name="width">Bits of a number, 0 to 64.</param>
    internal static void UnpackLong(ReadOnlySpan<byte> buffer, long bit, int width, Span<ulong> into)
    {
        var mask = width == 64 ? ulong.MaxValue : (1ul << width) - 1;
        for (var i = 0; i < into.Length; i++, bit += width)
        {
            var (at, shift) = ((int)(bit >> 3), (int)(bit & 7));
            var number = BinaryPrimitives.ReadUInt64LittleEndian(buffer[at..]) >> shift;
            if (shift + width > 64)
            {
                number |= (ulong)buffer[at + 8] << (64 - shift);
            }

            into[i] = number & mask;
        }
    }

    /// <returns>The bits that numbers from 0 to <paramref name="most"/> take.</returns>
    internal static int WidthOf(uint most) => 32 - BitOperations.LeadingZeroCount(most);
}
