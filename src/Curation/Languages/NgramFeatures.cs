using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Sightline.Curation.Languages;

/// <summary>
/// The features of a word: hashes of its letters one to five at a time, its two ends counting as letters, and of the whole word where it is
/// longer. In Han, where a run of letters is no word, one to three at a time and no ends.
/// </summary>
internal static class NgramFeatures
{
    /// <summary>More than a word of <see cref="CaptionWords.MaxLength"/> letters has.</summary>
    internal const int MaxPerWord = 5 * (CaptionWords.MaxLength + 2);

    private const int Longest = 5;
    private const int LongestHan = 3;
    private const ulong Multiplier = 0x9e3779b97f4a7c15;
    private const ulong GramSeed = 11;
    private const ulong WordSeed = 101;

    /// <summary>Writes the hashes of a word to <paramref name="hashes"/>, which has room for <see cref="MaxPerWord"/>.</summary>
    /// <returns>How many there are.</returns>
    internal static int Write(ReadOnlySpan<char> word, Script script, Span<uint> hashes)
    {
        Debug.Assert(word.Length <= CaptionWords.MaxLength && hashes.Length >= MaxPerWord);
        return script == Script.Han ? WriteGrams(word, script, LongestHan, 0, hashes) : WriteWord(word, script, hashes);
    }

    [SkipLocalsInit]
    private static int WriteWord(ReadOnlySpan<char> word, Script script, Span<uint> hashes)
    {
        Span<char> bounded = stackalloc char[CaptionWords.MaxLength + 2];
        bounded[0] = '<';
        word.CopyTo(bounded[1..]);
        bounded[word.Length + 1] = '>';
        bounded = bounded[..(word.Length + 2)];
        var count = WriteGrams(bounded, script, Longest, 1, hashes);
        if (bounded.Length > Longest)
        {
            var hash = WordSeed + (ulong)script;
            foreach (var c in bounded)
            {
                hash = Step(hash, c);
            }

            hashes[count++] = (uint)(hash >> 32);
        }

        return count;
    }

    // An end of the word is no n-gram of its own, so those of ends letters at each side are left out where they stand alone.
    private static int WriteGrams(ReadOnlySpan<char> letters, Script script, int longest, int ends, Span<uint> hashes)
    {
        var count = 0;
        for (var i = 0; i < letters.Length - ends; i++)
        {
            var hash = GramSeed + (ulong)script;
            var end = Math.Min(letters.Length, i + longest);
            for (var j = i; j < end; j++)
            {
                hash = Step(hash, letters[j]);
                if (j >= ends)
                {
                    hashes[count++] = (uint)(hash >> 32);
                }
            }
        }

        return count;
    }

    private static ulong Step(ulong hash, char letter)
    {
        hash = (hash ^ letter) * Multiplier;
        return hash ^ (hash >> 29);
    }
}
