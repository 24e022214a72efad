using System.Runtime.CompilerServices;
using System.Text;

namespace Sightline.Curation;

/// <summary>
/// Words and phrases to look for in captions, as <see cref="FoldedWords"/> reads both. Each word of a caption goes on with the phrases that
/// it may continue, by the hashes of how they begin, so that a hundred thousand terms cost as much as ten.
/// </summary>
internal sealed class WordList
{
    internal const int MostWords = 16;

    private readonly HashedSet _beginnings = new();
    private readonly HashedSet _terms = new();

    internal int Count => _terms.Count;

    /// <returns>False where the term holds no word, or more than <see cref="MostWords"/>.</returns>
    internal bool TryAdd(string term)
    {
        var utf8 = Encoding.UTF8.GetBytes(term);
        var counted = new FoldedWords(utf8);
        var count = 0;
        while (counted.Read())
        {
            count++;
        }

        if (count is 0 or > MostWords)
        {
            return false;
        }

        var words = new FoldedWords(utf8);
        ulong phrase = 0;
        for (var i = 0; words.Read(); i++)
        {
            phrase = FoldedWords.Mix(phrase, words.Hash);
            (i == count - 1 ? _terms : _beginnings).Add(phrase);
        }

        return true;
    }

    /// <summary>Whether one of the terms occurs, as whole words.</summary>
    /// <param name="caption">UTF-8.</param>
    [SkipLocalsInit]
    internal bool OccursIn(ReadOnlySpan<byte> caption)
    {
        // How the phrases begin that the words before have begun.
        Span<ulong> begun = stackalloc ulong[MostWords];
        var count = 0;
        var words = new FoldedWords(caption);
        while (words.Read())
        {
            var kept = 0;
            for (var i = 0; i <= count; i++)
            {
                var phrase = FoldedWords.Mix(i == count ? 0 : begun[i], words.Hash);
                if (_terms.Contains(phrase))
                {
                    return true;
                }

                if (_beginnings.Count > 0 && _beginnings.Contains(phrase))
                {
                    begun[kept++] = phrase;
                }
            }

            count = kept;
        }

        return false;
    }
}
