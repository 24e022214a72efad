namespace Sightline.Curation;

/// <summary>Which bytes of a caption which marks cover, in a buffer of the caller.</summary>
internal ref struct MarkedBytes(Span<ulong> bits)
{
    private readonly Span<ulong> _bits = bits;

    internal CaptionMarks Marks { get; private set; }

    internal static int WordsFor(int bytes) => (bytes + 63) / 64;

    /// <param name="start">First byte.</param>
    /// <param name="end">After the last one.</param>
    internal void Add(CaptionMarks mark, int start, int end)
    {
        // Nobody reads the buffer before the first mark.
        if (Marks == CaptionMarks.None)
        {
            _bits.Clear();
        }

        Marks |= mark;
        for (var at = start; at < end; at++)
        {
            _bits[at >> 6] |= 1UL << at;
        }
    }

    internal readonly bool Covers(int at) => Marks != CaptionMarks.None && (_bits[at >> 6] >> at & 1) != 0;

    /// <summary>Covered characters over all, see <see cref="CaptionPatterns"/>. Makes what lies beside a mark part of it.</summary>
    internal readonly double Share(ReadOnlySpan<byte> text)
    {
        int all = 0, covered = 0, waiting = 0;
        var after = false;
        for (var at = 0; at < text.Length; at++)
        {
            if ((text[at] & 0xC0) == 0x80 || text[at] == Bytes.Continued)
            {
                continue; // Not the first byte of its character.
            }

            all++;
            if (Covers(at))
            {
                covered += 1 + waiting;
                (waiting, after) = (0, true);
            }
            else if (Bytes.IsWord(text[at]))
            {
                (waiting, after) = (0, false);
            }
            else if (after)
            {
                covered++;
            }
            else
            {
                waiting++;
            }
        }

        return all == 0 ? 0 : (double)covered / all;
    }
}
