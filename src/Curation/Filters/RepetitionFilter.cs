using System.Globalization;

namespace Sightline.Curation;

/// <summary>Captions do not say the same again and again: of their words, few are repeats. Captions below five words pass.</summary>
/// <param name="maxRepeats">Most share of words that occurred before in the caption, without regard to ASCII case, in [0, 1].</param>
public sealed class RepetitionFilter(double maxRepeats) : PairFilter(
    "repetition", FilterCost.Pattern, string.Create(CultureInfo.InvariantCulture, $"repeated words above {maxRepeats:P0}"))
{
    private const int FewestWords = 5;
    private const int MostWords = 256;

    /// <inheritdoc/>
    public override int Check(in Pair pair, in CaptionFacts facts)
    {
        if (facts.Words < FewestWords)
        {
            return Keep;
        }

        // Words by their hashes: two that collide among 256 are one in 2^48.
        Span<ulong> seen = stackalloc ulong[MostWords];
        int words = 0, repeats = 0, distinct = 0;
        foreach (var range in pair.Caption.SplitAny(" \t\r\n,.;:!?\"()"u8))
        {
            var word = pair.Caption[range];
            if (word.IsEmpty)
            {
                continue;
            }

            words++;
            var hash = Hash(word);
            if (seen[..distinct].Contains(hash))
            {
                repeats++;
            }
            else if (distinct < MostWords)
            {
                seen[distinct++] = hash;
            }
        }

        return repeats > maxRepeats * words ? 0 : Keep;
    }

    // FNV-1a of the word in lower case.
    private static ulong Hash(ReadOnlySpan<byte> word)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in word)
        {
            hash = (hash ^ (letter is >= (byte)'A' and <= (byte)'Z' ? (byte)(letter | 0x20) : letter)) * 1099511628211UL;
        }

        return hash;
    }
}
