namespace Sightline.Curation;

/// <summary>How much a caption says the same again and again.</summary>
internal static class CaptionRepeats
{
    private const int FewestWords = 5;
    private const int MostWords = 256;

    /// <summary>The share of words that occurred before in the caption, without regard to ASCII case, in [0, 1]; 0 below five words.</summary>
    internal static double Share(ReadOnlySpan<byte> caption, int words)
    {
        if (words < FewestWords)
        {
            return 0;
        }

        // Words by their hashes: two that collide among 256 are one in 2^48.
        Span<ulong> seen = stackalloc ulong[MostWords];
        int all = 0, repeats = 0, distinct = 0;
        foreach (var range in caption.SplitAny(" \t\r\n,.;:!?\"()"u8))
        {
            var word = caption[range];
            if (word.IsEmpty)
            {
                continue;
            }

            all++;
            var hash = CaptionHash.Of(word);
            if (seen[..distinct].Contains(hash))
            {
                repeats++;
            }
            else if (distinct < MostWords)
            {
                seen[distinct++] = hash;
            }
        }

        return all == 0 ? 0 : (double)repeats / all;
    }
}
