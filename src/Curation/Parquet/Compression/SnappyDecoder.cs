using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sightline.Curation.Parquet;

/// <summary>
/// Decompresses a Snappy block (github.com/google/snappy, format_description.txt): a length, then literals and copies of what came before.
/// Parquet uses blocks, not Snappy's framing (Compression.md, SNAPPY).
/// </summary>
internal static class SnappyDecoder
{
    /// <summary>Bytes moved at once where both sides have room; runs end in the middle of it and the next one overwrites the
    /// rest.</summary>
    private const int Stride = 16;

    /// <param name="into">As long as the block says that it becomes.</param>
    /// <exception cref="InvalidDataException">The block is damaged, or becomes more or less than <paramref name="into"/> holds.</exception>
    internal static void Decompress(ReadOnlySpan<byte> block, Span<byte> into)
    {
        var at = ReadLength(block, into.Length);
        var to = 0;
        while (at < block.Length)
        {
            var tag = block[at++];
            if ((tag & 3) != 0)
            {
                var length = (tag & 3) == 1 ? 4 + ((tag >> 2) & 7) : (tag >> 2) + 1;
                var offset = ReadOffset(block, tag, ref at);
                if (offset - 1 >= (uint)to || length > into.Length - to)
                {
                    throw Damaged($"a copy of {length} bytes from {offset} back at byte {to} of {into.Length}");
                }

                Repeat(into, to, (int)offset, length);
                to += length;
                continue;
            }

            var literal = ReadLiteralLength(block, tag, ref at);
            if (literal > block.Length - at || literal > into.Length - to)
            {
                throw Damaged($"a literal of {literal} bytes at byte {to} of {into.Length}, with {block.Length - at} left");
            }

            if (literal <= Stride && block.Length - at >= Stride && into.Length - to >= Stride)
            {
                MemoryMarshal.Write(into[to..], MemoryMarshal.Read<Vector128<byte>>(block[at..]));
            }
            else
            {
                block.Slice(at, (int)literal).CopyTo(into[to..]);
            }

            at += (int)literal;
            to += (int)literal;
        }

        if (to != into.Length)
        {
            throw Damaged($"it becomes {to} bytes of {into.Length}");
        }
    }

    private static int ReadLength(ReadOnlySpan<byte> block, int expected)
    {
        var length = 0ul;
        for (var i = 0; i < Math.Min(block.Length, 5); i++)
        {
            length |= (ulong)(block[i] & 0x7F) << (7 * i);
            if (block[i] < 0x80)
            {
                return length == (ulong)expected ? i + 1 : throw Damaged($"it claims {length} bytes, its page {expected}");
            }
        }

        throw Damaged("it has no length");
    }

    /// <summary>Up to 60 in the tag; beyond, the tag says how many bytes have the length.</summary>
    private static long ReadLiteralLength(ReadOnlySpan<byte> block, byte tag, ref int at) => (tag >> 2) switch
    {
        < 60 and var length => length + 1L,
        var bytes => ReadLittleEndian(block, bytes - 59, ref at) + 1L,
    };

    private static uint ReadOffset(ReadOnlySpan<byte> block, byte tag, ref int at) => (tag & 3) switch
    {
        1 => (uint)(tag >> 5) << 8 | ReadLittleEndian(block, 1, ref at),
        2 => ReadLittleEndian(block, 2, ref at),
        _ => ReadLittleEndian(block, 4, ref at),
    };

    private static uint ReadLittleEndian(ReadOnlySpan<byte> block, int count, ref int at)
    {
        if (count > block.Length - at)
        {
            throw Damaged("it ends in the middle of an element");
        }

        var number = 0u;
        for (var i = 0; i < count; i++)
        {
            number |= (uint)block[at++] << (8 * i);
        }

        return number;
    }

    /// <summary>A copy may reach into what it writes: the bytes then repeat.</summary>
    private static void Repeat(Span<byte> into, int to, int offset, int length)
    {
        if (offset >= Stride && into.Length - to >= length + Stride)
        {
            for (var i = 0; i < length; i += Stride)
            {
                MemoryMarshal.Write(into[(to + i)..], MemoryMarshal.Read<Vector128<byte>>(into[(to + i - offset)..]));
            }
        }
        else if (offset >= length)
        {
            into.Slice(to - offset, length).CopyTo(into[to..]);
        }
        else
        {
            for (var i = to; i < to + length; i++)
            {
                into[i] = into[i - offset];
            }
        }
    }

    private static InvalidDataException Damaged(string what) => new($"the Snappy block is damaged: {what}.");
}
