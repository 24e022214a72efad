using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sightline.Curation.Languages;

/// <summary>
/// Adds up the rows of a word and scores it, and remembers what came of it: captions say the same words again and again. A word has one
/// place, where it drives out what was there, so that memory is bounded: half a kilobyte a place. For one thread at a time.
/// </summary>
/// <param name="places">Words remembered at most, a power of two.</param>
internal sealed class WordReader(NgramModel model, LanguageCalibration calibration, int places)
{
    /// <summary>Enough for the words of nearly all captions; about 8 MB.</summary>
    internal const int ManyPlaces = 1 << 14;

    private readonly Known[] _known = new Known[places];
    private readonly char[] _letters = new char[places * CaptionWords.MaxLength];
    private readonly int[] _sums = new int[places * NgramModel.Dimensions];
    private readonly float[] _scores = new float[places * model.MostRoom];

    internal bool IsSmall => places < ManyPlaces;

    /// <param name="Length">0: nothing is there.</param>
    private readonly record struct Known(ulong Hash, short Length, short Grams);

    /// <summary>What is known of a word; gives its n-grams that the model knows.</summary>
    /// <param name="sum">Gets the sum of their rows, <see cref="NgramModel.Dimensions"/> long.</param>
    /// <param name="scores">Gets what they say of each language, nonsense forbidden, in the layer's room.</param>
    internal int Read(ReadOnlySpan<char> word, Script script, Span<int> sum, Span<float> scores)
    {
        var layer = model.LayerOf(script);
        var hash = HashOf(word, script);
        var place = (int)(hash >> 40) & (places - 1);
        ref var known = ref _known[place];
        var letters = _letters.AsSpan(place * CaptionWords.MaxLength, CaptionWords.MaxLength);
        var knownSum = _sums.AsSpan(place * NgramModel.Dimensions, NgramModel.Dimensions);
        var knownScores = _scores.AsSpan(place * model.MostRoom, layer.Room);

        // The hash tells the scripts apart: each has letters of its own.
        if (known.Hash != hash || known.Length != word.Length || !word.SequenceEqual(letters[..word.Length]))
        {
            knownSum.Clear();
            var grams = model.Add(word, script, knownSum);
            Score(script, knownSum, grams, knownScores);
            word.CopyTo(letters);
            known = new Known(hash, (short)word.Length, (short)grams);
        }

        knownSum.CopyTo(sum);
        knownScores.CopyTo(scores);
        return known.Grams;
    }

    /// <summary>Scores words by the sum of their rows, nonsense forbidden.</summary>
    internal void Score(Script script, ReadOnlySpan<int> sum, int known, Span<float> scores)
    {
        model.Score(script, sum, known, scores);
        new LanguageScores(calibration, model.LayerOf(script), known, scores).ForbidNonsense();
    }

    // Four letters a step; the finaliser of SplitMix64 (Steele et al. 2014) spreads what the last step left.
    private static ulong HashOf(ReadOnlySpan<char> word, Script script)
    {
        const ulong Prime = 0xD6E8FEB86659FD93;
        var hash = ((ulong)word.Length << 8) | (byte)script;
        for (; word.Length >= 4; word = word[4..])
        {
            hash = (hash ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(word)))) * Prime;
            hash ^= hash >> 32;
        }

        ulong rest = 0;
        foreach (var letter in word)
        {
            rest = (rest << 16) | letter;
        }

        hash = (hash ^ rest) * 0xBF58476D1CE4E5B9;
        return hash ^ (hash >> 31);
    }
}
