using System.Numerics;
using System.Runtime.CompilerServices;

namespace Sightline.Curation;

/// <summary>Counts a caption of ASCII alone, 64 characters at a time: what <see cref="CaptionFacts.Count"/> counts of any.</summary>
internal static class AsciiCounts
{
    /// <summary>Longer captions are counted character by character.</summary>
    internal const int MostBytes = 1023;

    /// <param name="caption">ASCII without white space at its ends, at most <see cref="MostBytes"/>.</param>
    [SkipLocalsInit]
    internal static CaptionFacts Count(ReadOnlySpan<byte> caption)
    {
        // A blank before it, so that each character has one before, and blanks up to the end of the last block.
        Span<byte> buffer = stackalloc byte[1 + ByteBlock.Whole(MostBytes)];
        buffer[0] = (byte)' ';
        caption.CopyTo(buffer[1..]);
        var blocks = ByteBlock.Whole(caption.Length);
        buffer[(1 + caption.Length)..(1 + blocks)].Fill((byte)' ');
        int words = 0, letters = 0, capitals = 0, digits = 0, invalid = 0;
        var runs = new Runs();
        ulong inWord = 0;
        for (var at = 0; at < blocks; at += ByteBlock.Size)
        {
            var block = new ByteBlock(buffer, at + 1);
            var letter = block.Letters();
            var digit = block.InRange((byte)'0', (byte)'9');
            var space = block.InRange((byte)'\t', (byte)'\r') | block.InRange((byte)' ', (byte)' ');
            letters += BitOperations.PopCount(letter);
            digits += BitOperations.PopCount(digit);
            capitals += BitOperations.PopCount(block.InRange((byte)'A', (byte)'Z'));
            invalid += BitOperations.PopCount((block.InRange(0, 0x1F) | block.InRange(0x7F, 0x7F)) & ~space);
            runs.Add(block.EqualTo(new ByteBlock(buffer, at)) & ~digit & ~space);

            var word = Fill((letter | digit) | (inWord & ~space), ~space);
            words += BitOperations.PopCount(word & ~(word << 1 | inWord));
            inWord = word >> 63;
        }

        return new CaptionFacts
        {
            Characters = caption.Length,
            Words = words,
            Letters = letters,
            Capitals = capitals,
            Cased = letters,
            Digits = digits,
            Invalid = invalid,
            LongestRun = caption.IsEmpty ? 0 : runs.Longest + 1,
        };
    }

    // Spreads each bit upwards for as long as there are bits to spread on (Kogge and Stone 1973).
    private static ulong Fill(ulong bits, ulong onto)
    {
        bits |= onto & (bits << 1);
        onto &= onto << 1;
        bits |= onto & (bits << 2);
        onto &= onto << 2;
        bits |= onto & (bits << 4);
        onto &= onto << 4;
        bits |= onto & (bits << 8);
        onto &= onto << 8;
        bits |= onto & (bits << 16);
        onto &= onto << 16;
        return bits | (onto & (bits << 32));
    }

    /// <summary>The longest run of set bits over blocks.</summary>
    private struct Runs
    {
        private int _open;

        internal int Longest { get; private set; }

        internal void Add(ulong bits)
        {
            var open = _open;
            _open = 0;
            while (bits != 0)
            {
                var start = BitOperations.TrailingZeroCount(bits);
                var length = BitOperations.TrailingZeroCount(~(bits >> start));
                var run = start == 0 ? open + length : length;
                Longest = Math.Max(Longest, run);
                if (start + length >= ByteBlock.Size)
                {
                    _open = run;
                    return;
                }

                bits &= ulong.MaxValue << (start + length);
            }
        }
    }
}
