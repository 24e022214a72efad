using System.Numerics.Tensors;

namespace Sightline.Curation.Languages;

/// <summary>One word, or a few neighbours of a long text.</summary>
/// <param name="Known">N-grams that the model knows.</param>
/// <param name="StartsPart">See <see cref="CaptionWord.StartsPart"/>.</param>
internal readonly record struct CaptionUnit(int Known, int Letters, bool StartsPart);

/// <summary>
/// The words of one script as at most <see cref="LanguageMixture.MaxUnits"/> units with the sum of each one's rows in the n-gram model and
/// what they say of each language, in buffers of the caller.
/// </summary>
/// <param name="sums">[units, <see cref="NgramModel.Dimensions"/>].</param>
/// <param name="scores">[units, <paramref name="room"/>].</param>
/// <param name="room">Of the script's layer.</param>
internal ref struct CaptionUnits(Span<int> sums, Span<float> scores, int room, Span<CaptionUnit> units)
{
    private readonly Span<int> _sums = sums;
    private readonly Span<float> _scores = scores;
    private readonly int _room = room;
    private readonly Span<CaptionUnit> _units = units;

    internal int Count { get; private set; }

    internal readonly CaptionUnit this[int i] => _units[i];

    internal readonly ReadOnlySpan<int> SumOf(int unit) => _sums.Slice(unit * NgramModel.Dimensions, NgramModel.Dimensions);

    /// <summary>[units, room], of all units; their reader may change it.</summary>
    internal readonly Span<float> Scores => _scores[..(Count * _room)];

    internal void Read(WordReader reader, CaptionWords words, Script script)
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
            if (word.Script == script)
            {
                Add(reader, words.LettersOf(word), script, startsPart, i++ % wordsEach == 0);
                startsPart = false;
            }
        }

        for (var u = 0; wordsEach > 1 && u < Count; u++)
        {
            reader.Score(script, SumOf(u), _units[u].Known, _scores.Slice(u * _room, _room));
        }
    }

    private void Add(WordReader reader, ReadOnlySpan<char> word, Script script, bool startsPart, bool startsUnit)
    {
        if (startsUnit)
        {
            var unit = Count++;
            var sum = _sums.Slice(unit * NgramModel.Dimensions, NgramModel.Dimensions);
            var known = reader.Read(word, script, sum, _scores.Slice(unit * _room, _room));
            _units[unit] = new CaptionUnit(known, word.Length, startsPart);
            return;
        }

        Span<int> more = stackalloc int[NgramModel.Dimensions];
        var (last, knownMore) = (Count - 1, reader.Read(word, script, more, _scores.Slice((Count - 1) * _room, _room)));
        AddTo(_sums.Slice(last * NgramModel.Dimensions, NgramModel.Dimensions), more);
        _units[last] = _units[last] with { Known = _units[last].Known + knownMore, Letters = _units[last].Letters + word.Length };
    }

    /// <summary>Adds up the units whose place in <paramref name="path"/> says <paramref name="language"/>.</summary>
    /// <returns>How many n-grams the model knows of them.</returns>
    internal readonly int Sum(Span<int> sum, ReadOnlySpan<byte> path, byte language)
    {
        sum.Clear();
        var known = 0;
        for (var u = 0; u < Count; u++)
        {
            if (path[u] != language)
            {
                continue;
            }

            known += _units[u].Known;
            AddTo(sum, SumOf(u));
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

    private static void AddTo(Span<int> sum, ReadOnlySpan<int> more) => TensorPrimitives.Add(sum, more, sum);
}
