namespace Sightline.Curation.Parquet;

/// <summary>Decompresses an LZ4 block (github.com/lz4/lz4, doc/lz4_Block_format.md), Parquet's LZ4_RAW.</summary>
internal static class Lz4Decoder
{
    private const int LeastMatch = 4;

    /// <param name="into">As long as what the block becomes.</param>
    /// <exception cref="InvalidDataException">The block is damaged, or becomes more or less than <paramref name="into"/> holds.</exception>
    internal static void Decompress(ReadOnlySpan<byte> block, Span<byte> into)
    {
        var (at, to) = (0, 0);
        while (at < block.Length)
        {
            var token = block[at++];
            var literal = ReadLength(block, token >> 4, ref at);
            if (literal > block.Length - at || literal > into.Length - to)
            {
                throw Damaged($"a literal of {literal} bytes at byte {to} of {into.Length}, with {block.Length - at} left");
            }

            block.Slice(at, (int)literal).CopyTo(into[to..]);
            at += (int)literal;
            to += (int)literal;
            if (at == block.Length)
            {
                // The last sequence is literals alone.
                break;
            }

            if (block.Length - at < 2)
            {
                throw Damaged("it ends in the middle of an offset");
            }

            var offset = block[at] | block[at + 1] << 8;
            at += 2;
            var length = ReadLength(block, token & 0x0F, ref at) + LeastMatch;
            if (offset == 0 || offset > to || length > into.Length - to)
            {
                throw Damaged($"a match of {length} bytes from {offset} back at byte {to} of {into.Length}");
            }

            Repeat(into, to, offset, (int)length);
            to += (int)length;
        }

        if (to != into.Length)
        {
            throw Damaged($"it becomes {to} bytes of {into.Length}");
        }
    }

    private static long ReadLength(ReadOnlySpan<byte> block, int start, ref int at)
    {
        long length = start;
        if (start < 15)
        {
            return length;
        }

        byte more;
        do
        {
            more = at < block.Length ? block[at++] : throw Damaged("it ends in the middle of a length");
            length += more;
        }
        while (more == 255);
        return length;
    }

    private static void Repeat(Span<byte> into, int to, int offset, int length)
    {
        if (offset >= length)
        {
            into.Slice(to - offset, length).CopyTo(into[to..]);
            return;
        }

        for (var i = to; i < to + length; i++)
        {
            into[i] = into[i - offset];
        }
    }

    private static InvalidDataException Damaged(string what) => new($"the LZ4 block is damaged: {what}.");
}
