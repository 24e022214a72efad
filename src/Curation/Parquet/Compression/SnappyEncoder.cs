using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sightline.Curation.Parquet;

/// <summary>Compresses to a Snappy block (github.com/google/snappy, format_description.txt).</summary>
internal static class SnappyEncoder
{
    /// <summary>Offsets within one fit in two bytes.</summary>
    private const int Block = 1 << 16;

    private const int HashBits = 14;

    /// <summary>A block's tail where looking for matches is not worth a bound check on each load.</summary>
    private const int Tail = 15;

    /// <summary>Bytes that are copied at once.</summary>
    private const int ShortLiteral = 16;

    /// <returns>Bytes that <paramref name="length"/> bytes take at most.</returns>
    internal static int MostBytes(int length) => checked(32 + length + (length / 6));

    /// <param name="into">Has room for <see cref="MostBytes"/>.</param>
    /// <returns>The bytes written.</returns>
    [SkipLocalsInit]
    internal static int Compress(ReadOnlySpan<byte> bytes, Span<byte> into)
    {
        var to = 0;
        var length = (uint)bytes.Length;
        for (; length >= 0x80; length >>= 7)
        {
            into[to++] = (byte)(length | 0x80);
        }

        into[to++] = (byte)length;
        Span<ushort> table = stackalloc ushort[1 << HashBits];
        for (; bytes.Length > 0; bytes = bytes[Math.Min(Block, bytes.Length)..])
        {
            table.Clear();
            to = CompressBlock(bytes[..Math.Min(Block, bytes.Length)], table, into, to);
        }

        return to;
    }

    /// <summary>Greedy: takes the last place where the next four bytes' hash was seen, and strides faster the longer nothing
    /// matches.</summary>
    private static int CompressBlock(ReadOnlySpan<byte> block, Span<ushort> table, Span<byte> into, int to)
    {
        var written = 0;
        var misses = 0;
        for (var at = 1; at < block.Length - Tail;)
        {
            var word = Load(block, at);
            ref var slot = ref Unsafe.Add(ref MemoryMarshal.GetReference(table), Hash(word));
            int candidate = slot;
            slot = (ushort)at;
            if (Load(block, candidate) != word)
            {
                at += 1 + (misses++ >> 5);
                continue;
            }

            to = at - written <= ShortLiteral && to <= into.Length - 1 - ShortLiteral
                ? EmitShortLiteral(block, written, at - written, into, to)
                : EmitLiteral(block[written..at], into, to);
            var length = LengthOfMatch(block, candidate, at);
            to = EmitCopy(at - candidate, length, into, to);
            at += length;
            written = at;
            misses = 0;
            if (at < block.Length - Tail)
            {
                table[Hash(Load(block, at - 1))] = (ushort)(at - 1);
            }
        }

        return EmitLiteral(block[written..], into, to);
    }

    // Of two places whose first four bytes are equal. Most matches are short: eight bytes a step beats whole vectors.
    private static int LengthOfMatch(ReadOnlySpan<byte> block, int candidate, int at)
    {
        ref var first = ref MemoryMarshal.GetReference(block);
        var length = sizeof(uint);
        for (; at + length + sizeof(ulong) <= block.Length; length += sizeof(ulong))
        {
            var different = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, at + length))
                ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, candidate + length));
            if (different != 0)
            {
                return length + ((BitConverter.IsLittleEndian ? BitOperations.TrailingZeroCount(different) : BitOperations.LeadingZeroCount(different)) >> 3);
            }
        }

        while (at + length < block.Length && block[at + length] == block[candidate + length])
        {
            length++;
        }

        return length;
    }

    // Every place that is asked for is before a block's tail.
    private static uint Load(ReadOnlySpan<byte> block, int at)
    {
        Debug.Assert((uint)at <= block.Length - sizeof(uint));
        var word = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref MemoryMarshal.GetReference(block), at));
        return BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);
    }

    private static int Hash(uint word) => (int)((word * 0x9E3779B1u) >> (32 - HashBits));

    // Sixteen bytes whatever the length, which is at least one: what is too much is written over. There is more of the block behind.
    private static int EmitShortLiteral(ReadOnlySpan<byte> block, int start, int length, Span<byte> into, int to)
    {
        if (length == 0)
        {
            return to;
        }

        Debug.Assert(start + ShortLiteral <= block.Length);
        into[to] = (byte)((length - 1) << 2);
        Unsafe.WriteUnaligned(
            ref Unsafe.Add(ref MemoryMarshal.GetReference(into), to + 1),
            Unsafe.ReadUnaligned<UInt128>(ref Unsafe.Add(ref MemoryMarshal.GetReference(block), start)));
        return to + 1 + length;
    }

    private static int EmitLiteral(ReadOnlySpan<byte> literal, Span<byte> into, int to)
    {
        if (literal.IsEmpty)
        {
            return to;
        }

        var length = literal.Length - 1;
        if (length < 60)
        {
            into[to++] = (byte)(length << 2);
        }
        else
        {
            // A block's literal has at most 65 536 bytes: its length takes one byte or two.
            var extra = (BitOperations.Log2((uint)length) / 8) + 1;
            into[to++] = (byte)((59 + extra) << 2);
            for (var i = 0; i < extra; i++)
            {
                into[to++] = (byte)(length >> (8 * i));
            }
        }

        literal.CopyTo(into[to..]);
        return to + literal.Length;
    }

    private static int EmitCopy(int offset, int length, Span<byte> into, int to)
    {
        // The last piece must have at least 4 bytes, so that the short form can take it.
        for (int piece; length > 64; length -= piece)
        {
            piece = length >= 68 ? 64 : 60;
            to = EmitLongCopy(offset, piece, into, to);
        }

        if (length >= 12 || offset >= 2048)
        {
            return EmitLongCopy(offset, length, into, to);
        }

        into[to++] = (byte)(offset >> 8 << 5 | (length - 4) << 2 | 1);
        into[to++] = (byte)offset;
        return to;
    }

    private static int EmitLongCopy(int offset, int length, Span<byte> into, int to)
    {
        into[to] = (byte)((length - 1) << 2 | 2);
        BinaryPrimitives.WriteUInt16LittleEndian(into[(to + 1)..], (ushort)offset);
        return to + 3;
    }
}
