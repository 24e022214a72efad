using System.Buffers.Binary;
using System.Collections;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Sightline.Search;

/// <summary>
/// Cuts a segment's memory into the rows of its table and joins them again, in COPY's binary format: number and CRC-32C of a page, and the
/// page. Reads and writes the memory in place.
/// </summary>
internal static class SegmentPages
{
    /// <summary>Bytes of a page: with the row's header it fills one 8 KiB block of PostgreSQL's.</summary>
    internal const int PageSize = 8064;

    // Number of fields, then length and value of the two integers, then the length of the page.
    private const int TupleBytes = 2 + 4 + 4 + 4 + 4 + 4;

    private const int PagesInBuffer = 128;

    private static ReadOnlySpan<byte> Header =>
        [0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    internal static int CountOf(long bytes) => (int)((bytes + PageSize - 1) / PageSize);

    internal static async Task WriteAsync(NativeMemoryBlock block, Stream copy, CancellationToken cancellationToken)
    {
        var buffer = new byte[Header.Length + PagesInBuffer * (TupleBytes + PageSize) + sizeof(short)];
        Header.CopyTo(buffer);
        var filled = Header.Length;
        for (var page = 0; page < CountOf(block.Bytes); page++)
        {
            filled += WritePage(block, page, buffer.AsSpan(filled));
            if (buffer.Length - filled < TupleBytes + PageSize + sizeof(short))
            {
                await copy.WriteAsync(buffer.AsMemory(0, filled), cancellationToken);
                filled = 0;
            }
        }

        BinaryPrimitives.WriteInt16BigEndian(buffer.AsSpan(filled), -1);
        await copy.WriteAsync(buffer.AsMemory(0, filled + sizeof(short)), cancellationToken);
    }

    /// <summary>Fills the block from the rows, in whatever order they come.</summary>
    /// <returns>The pages that are missing or do not match their checksum.</returns>
    internal static IReadOnlyList<int> Read(NativeMemoryBlock block, Stream copy, CancellationToken cancellationToken)
    {
        var pages = CountOf(block.Bytes);
        var sound = new BitArray(pages);
        Span<byte> tuple = stackalloc byte[Math.Max(TupleBytes, 19)];
        copy.ReadExactly(tuple[..Header.Length]);
        var overflow = new byte[PageSize];
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            copy.ReadExactly(tuple[..sizeof(short)]);
            if (BinaryPrimitives.ReadInt16BigEndian(tuple) < 0)
            {
                return [.. Enumerable.Range(0, pages).Where(page => !sound[page])];
            }

            copy.ReadExactly(tuple[sizeof(short)..TupleBytes]);
            var number = BinaryPrimitives.ReadInt32BigEndian(tuple[6..]);
            var checksum = BinaryPrimitives.ReadUInt32BigEndian(tuple[14..]);
            var length = BinaryPrimitives.ReadInt32BigEndian(tuple[18..]);
            if (number < 0 || number >= pages || length != LengthOf(block, number))
            {
                // Not a page of this segment: a damaged row. The page it was will be found missing.
                Skip(copy, length, overflow);
                continue;
            }

            var page = PageOf(block, number);
            copy.ReadExactly(page);
            sound[number] = Checksum(page, number) == checksum;
        }
    }

    /// <summary>CRC-32C of the page's number and bytes.</summary>
    internal static uint Checksum(ReadOnlySpan<byte> page, int number)
    {
        var sum = BitOperations.Crc32C(uint.MaxValue, (uint)number);
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(page))
        {
            sum = BitOperations.Crc32C(sum, word);
        }

        foreach (var rest in page[(page.Length / sizeof(ulong) * sizeof(ulong))..])
        {
            sum = BitOperations.Crc32C(sum, rest);
        }

        return ~sum;
    }

    private static int LengthOf(NativeMemoryBlock block, int page) => (int)Math.Min(PageSize, block.Bytes - (long)page * PageSize);

    private static unsafe Span<byte> PageOf(NativeMemoryBlock block, int number) =>
        new(block.Pointer + (long)number * PageSize, LengthOf(block, number));

    private static int WritePage(NativeMemoryBlock block, int number, Span<byte> tuple)
    {
        var page = PageOf(block, number);
        BinaryPrimitives.WriteInt16BigEndian(tuple, 3);
        BinaryPrimitives.WriteInt32BigEndian(tuple[2..], sizeof(int));
        BinaryPrimitives.WriteInt32BigEndian(tuple[6..], number);
        BinaryPrimitives.WriteInt32BigEndian(tuple[10..], sizeof(int));
        BinaryPrimitives.WriteUInt32BigEndian(tuple[14..], Checksum(page, number));
        BinaryPrimitives.WriteInt32BigEndian(tuple[18..], page.Length);
        page.CopyTo(tuple[TupleBytes..]);
        return TupleBytes + page.Length;
    }

    private static void Skip(Stream copy, int length, byte[] overflow)
    {
        for (var rest = Math.Max(length, 0); rest > 0; rest -= Math.Min(rest, overflow.Length))
        {
            copy.ReadExactly(overflow, 0, Math.Min(rest, overflow.Length));
        }
    }
}
