using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sightline.Curation.Languages;

/// <summary>
/// Adds up the rows of words and scores them, and remembers what came of each word: captions say the same words again and again. A word has
/// two places, and drives out the one of the two words there that was asked for longer ago, so that memory is bounded: half a kilobyte a
/// place. For one thread at a time.
/// </summary>
/// <param name="places">Words remembered at most, a power of two from 2 on.</param>
internal sealed class WordReader(NgramModel model, LanguageCalibration calibration, int places)
{
    /// <summary>Enough for the words of nearly all captions; about 4 MB.</summary>
    internal const int ManyPlaces = 1 << 13;

    private const int Ways = 2;

    private readonly Known[] _known = new Known[places];

    // Of each two places, the one asked for last.
    private readonly byte[] _last = new byte[places / Ways];
    private readonly int[] _sums = new int[places * NgramModel.Dimensions];
    private readonly float[] _scores = new float[places * model.MostRoom];

    internal bool IsSmall => places < ManyPlaces;

    /// <summary>Says that a word will be asked for, so that what is known of it is on its way.</summary>
    /// <returns>By which <see cref="Add"/> and <see cref="TryLag"/> find the word.</returns>
    internal ulong Announce(ReadOnlySpan<char> word, Script script)
    {
        var hash = HashOf(word, script);
        ref var known = ref Unsafe.As<Known, byte>(ref _known[PairOf(hash) * Ways]);
        Prefetching.Fetch(ref known);
        Prefetching.Fetch(ref Unsafe.Add(ref known, Unsafe.SizeOf<Known>()));
        return hash;
    }

    /// <summary>Adds the rows of a word's n-grams to <paramref name="sum"/>, <see cref="NgramModel.Dimensions"/> long.</summary>
    /// <param name="hash">As <see cref="Announce"/> gave it.</param>
    /// <returns>How many n-grams of the word the model knows.</returns>
    internal int Add(ReadOnlySpan<char> word, Script script, ulong hash, Span<int> sum)
    {
        var place = Find(word, script, hash);
        ref var from = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_sums), place * NgramModel.Dimensions);
        ref var to = ref MemoryMarshal.GetReference(sum);
        for (nuint i = 0; i < NgramModel.Dimensions; i += (nuint)Vector256<int>.Count)
        {
            (Vector256.LoadUnsafe(ref to, i) + Vector256.LoadUnsafe(ref from, i)).StoreUnsafe(ref to, i);
        }

        return _known[place].Grams;
    }

    /// <summary>What is known of a word; gives its n-grams that the model knows.</summary>
    /// <param name="sum">Gets the sum of their rows, <see cref="NgramModel.Dimensions"/> long.</param>
    /// <param name="scores">Gets what they say of each language, nonsense forbidden, in the layer's room.</param>
    internal int Read(ReadOnlySpan<char> word, Script script, Span<int> sum, Span<float> scores)
    {
        var place = Find(word, script, HashOf(word, script));
        _sums.AsSpan(place * NgramModel.Dimensions, NgramModel.Dimensions).CopyTo(sum);
        _scores.AsSpan(place * model.MostRoom, model.LayerOf(script).Room).CopyTo(scores);
        return _known[place].Grams;
    }

    /// <summary>How far a word's score of a language lies behind its best, in nats; false where another word has driven it out.</summary>
    internal bool TryLag(ulong hash, int language, out float lag)
    {
        var place = PairOf(hash) * Ways;
        place += _known[place].Hash == hash ? 0 : 1;
        lag = _known[place].Most - _scores[(place * model.MostRoom) + language];
        return _known[place].Hash == hash;
    }

    /// <summary>Scores words by the sum of their rows, nonsense forbidden.</summary>
    internal void Score(Script script, ReadOnlySpan<int> sum, int known, Span<float> scores)
    {
        model.Score(script, sum, known, scores);
        new LanguageScores(calibration, model.LayerOf(script), known, scores).ForbidNonsense();
    }

    private int PairOf(ulong hash) => (int)(hash >> 40) & (_last.Length - 1);

    // Reads the word where it is not known.
    private int Find(ReadOnlySpan<char> word, Script script, ulong hash)
    {
        var pair = PairOf(hash);
        var start = word[..Math.Min(word.Length, Known.Letters)];
        for (var way = 0; way < Ways; way++)
        {
            // Equal letters are of one script; of a long word, the hash tells the rest.
            ref var known = ref _known[(pair * Ways) + way];
            if (known.Hash == hash && known.Length == word.Length && start.SequenceEqual(known.Start[..start.Length]))
            {
                _last[pair] = (byte)way;
                return (pair * Ways) + way;
            }
        }

        _last[pair] ^= 1;
        var place = (pair * Ways) + _last[pair];
        Fill(place, word, script, hash);
        return place;
    }

    private void Fill(int place, ReadOnlySpan<char> word, Script script, ulong hash)
    {
        var sum = _sums.AsSpan(place * NgramModel.Dimensions, NgramModel.Dimensions);
        sum.Clear();
        var grams = model.Add(word, script, sum);
        var scores = _scores.AsSpan(place * model.MostRoom, model.LayerOf(script).Room);
        Score(script, sum, grams, scores);
        ref var known = ref _known[place];
        known = new Known { Hash = hash, Length = (short)word.Length, Grams = (short)grams, Most = ScoreVectors.Max(scores) };
        word[..Math.Min(word.Length, Known.Letters)].CopyTo(known.Start);
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

    /// <summary>What is remembered beside sum and scores.</summary>
    private struct Known
    {
        internal const int Letters = 24;

        /// <summary>Of letters and script.</summary>
        internal ulong Hash;

        /// <summary>Letters; 0: nothing is there.</summary>
        internal short Length;

        /// <summary>N-grams that the model knows.</summary>
        internal short Grams;

        /// <summary>The greatest of the scores.</summary>
        internal float Most;

        private FirstLetters _start;

        [UnscopedRef]
        internal Span<char> Start => _start;
    }

    [InlineArray(Known.Letters)]
    private struct FirstLetters
    {
        private char _first;
    }
}
