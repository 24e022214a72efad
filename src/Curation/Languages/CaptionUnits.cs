namespace Sightline.Curation.Languages;

/// <summary>One word, or a few neighbours of a long text.</summary>
/// <param name="Known">N-grams that the model knows.</param>
/// <param name="StartsPart">See <see cref="CaptionWord.StartsPart"/>.</param>
internal readonly record struct CaptionUnit(int Known, int Letters, bool StartsPart);

/// <summary>
/// The words of one script as at most <see cref="LanguageMixture.MaxUnits"/> units with the sum of each one's rows in the n-gram model, in
/// two buffers of the caller.
/// </summary>
internal ref struct CaptionUnits(Span<int> sums, Span<CaptionUnit> units)
{
    private readonly Span<int> _sums = sums;
    private readonly Span<CaptionUnit> _units = units;

    internal int Count { get; private set; }

    internal readonly CaptionUnit this[int i] => _units[i];

    internal readonly ReadOnlySpan<int> SumOf(int unit) => _sums.Slice(unit * NgramModel.Dimensions, NgramModel.Dimensions);

    internal void Read(NgramModel model, CaptionWords words, Script script)
    {
        var count = 0;
        foreach (var word in words.Words)
        {
            count += word.Script == script ? 1 : 0;
        }

        var wordsEach = (count + LanguageMixture.MaxUnits - 1) / LanguageMixture.MaxUnits;
        var (i, startsPart) = (0, false);
        foreach (var word in words.Words)
        {
            startsPart |= word.StartsPart;
            if (word.Script != script)
            {
                continue;
            }

            var unit = i++ / wordsEach;
            var sum = _sums.Slice(unit * NgramModel.Dimensions, NgramModel.Dimensions);
            if (unit == Count)
            {
                sum.Clear();
                _units[Count++] = new CaptionUnit(0, 0, startsPart);
            }

            var known = model.Add(words.LettersOf(word), script, sum);
            var before = _units[unit];
            _units[unit] = before with { Known = before.Known + known, Letters = before.Letters + word.Length };
            startsPart = false;
        }
    }

    /// <summary>Adds up all units; returns how many n-grams the model knows of them.</summary>
    internal readonly int Sum(Span<int> sum) => Sum(sum, [], 0);

    /// <summary>Adds up the units whose place in <paramref name="path"/> says <paramref name="language"/>; all where it is empty.</summary>
    internal readonly int Sum(Span<int> sum, ReadOnlySpan<byte> path, byte language)
    {
        sum.Clear();
        var known = 0;
        for (var u = 0; u < Count; u++)
        {
            if (!path.IsEmpty && path[u] != language)
            {
                continue;
            }

            known += _units[u].Known;
            var from = SumOf(u);
            for (var d = 0; d < NgramModel.Dimensions; d++)
            {
                sum[d] += from[d];
            }
        }

        return known;
    }

    /// <summary>Counts the letters of each language of a path.</summary>
    internal readonly void CountLetters(ReadOnlySpan<byte> path, Span<int> letters)
    {
        letters.Clear();
        for (var u = 0; u < Count; u++)
        {
            letters[path[u]] += _units[u].Letters;
        }
    }
}
