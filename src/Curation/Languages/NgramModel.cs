using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sightline.Curation.Languages;

/// <summary>
/// A linear classifier over the letters of a text in ones to fives: each n-gram that the model knows has a row of 32 numbers, the rows of a
/// text are added, divided by the square root of their count, and multiplied with a row of weights for each language of the script (after
/// Joulin et al. 2017, "Bag of Tricks for Efficient Text Classification", https://arxiv.org/abs/1607.01759, with sums that grow with the
/// evidence and with features chosen by their information instead of hashed into buckets). Immutable: any number of threads may ask.
/// </summary>
internal sealed class NgramModel
{
    /// <summary>Numbers a row.</summary>
    internal const int Dimensions = 32;

    /// <summary>Rows are integers, in this many steps a unit, so that every machine adds them up alike.</summary>
    internal const int StepsPerUnit = 1024;

    private readonly NgramIndex _index;
    private readonly short[] _rows;
    private readonly NgramLayer[] _layers;

    /// <param name="keys">The n-grams' hashes, each once.</param>
    /// <param name="rows">[keys, <see cref="Dimensions"/>] in steps of 1 / <see cref="StepsPerUnit"/>.</param>
    /// <param name="layers">One for each modelled script, in the order of <see cref="Script"/>.</param>
    internal NgramModel(uint[] keys, short[] rows, NgramLayer[] layers)
    {
        Debug.Assert(rows.Length == keys.Length * Dimensions && layers.Length == Scripts.Modelled);
        (_rows, _layers) = (rows, layers);
        _index = new NgramIndex(keys);
        MostRoom = layers.Max(layer => layer.Room);
    }

    /// <summary>The most that <see cref="NgramLayer.Room"/> is in any script.</summary>
    internal int MostRoom { get; }

    internal int RowCount => _rows.Length / Dimensions;

    internal NgramLayer LayerOf(Script script) => _layers[(int)script];

    /// <summary>Adds a word's rows to <paramref name="sum"/>, <see cref="Dimensions"/> long.</summary>
    /// <returns>How many n-grams of the word the model knows.</returns>
    [SkipLocalsInit]
    internal int Add(ReadOnlySpan<char> word, Script script, Span<int> sum)
    {
        // What is waited for in memory, slots first and then rows, is waited for all at once.
        Span<uint> hashes = stackalloc uint[NgramFeatures.MaxPerWord];
        Span<int> rows = stackalloc int[NgramFeatures.MaxPerWord];
        hashes = hashes[..NgramFeatures.Write(word, script, hashes)];
        foreach (var hash in hashes)
        {
            _index.Prefetch(hash);
        }

        var known = 0;
        foreach (var hash in hashes)
        {
            var row = _index.Find(hash);
            rows[known] = row;
            if (row != NgramIndex.None)
            {
                known++;
                Prefetching.Fetch(ref Unsafe.As<short, byte>(ref _rows[row * Dimensions]));
                Prefetching.Fetch(ref Unsafe.As<short, byte>(ref _rows[(row * Dimensions) + Dimensions - 1]));
            }
        }

        AddRows(rows[..known], sum);
        return known;
    }

    /// <summary>Scores the languages of a script by the sum of the rows of <paramref name="known"/> n-grams.</summary>
    /// <param name="scores"><see cref="NgramLayer.Room"/> long.</param>
    internal void Score(Script script, ReadOnlySpan<int> sum, int known, Span<float> scores)
    {
        var layer = LayerOf(script);
        scores = scores[..layer.Room];
        Debug.Assert(sum.Length == Dimensions);
        Span<float> scaled = stackalloc float[Dimensions];
        var scale = known == 0 ? 0 : 1f / (StepsPerUnit * MathF.Sqrt(known));
        for (var i = 0; i < Dimensions; i++)
        {
            scaled[i] = sum[i] * scale;
        }

        // Four vectors of languages at once, so that the sums of some go on while others wait.
        var (room, first, width) = (layer.Room, 0, Vector256<float>.Count);
        ref var columns = ref MemoryMarshal.GetArrayDataReference(layer.Columns);
        ref var into = ref MemoryMarshal.GetReference(scores);
        ref var bias = ref MemoryMarshal.GetArrayDataReference(layer.RoomBias);
        for (; first + (4 * width) <= room; first += 4 * width)
        {
            var (a, b, c, e) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
            for (var d = 0; d < Dimensions; d++)
            {
                var factor = Vector256.Create(scaled[d]);
                ref var column = ref Unsafe.Add(ref columns, (d * room) + first);
                a += factor * Vector256.LoadUnsafe(ref column);
                b += factor * Vector256.LoadUnsafe(ref column, 8);
                c += factor * Vector256.LoadUnsafe(ref column, 16);
                e += factor * Vector256.LoadUnsafe(ref column, 24);
            }

            ref var from = ref Unsafe.Add(ref bias, first);
            ref var to = ref Unsafe.Add(ref into, first);
            (Vector256.LoadUnsafe(ref from) + a).StoreUnsafe(ref to);
            (Vector256.LoadUnsafe(ref from, 8) + b).StoreUnsafe(ref to, 8);
            (Vector256.LoadUnsafe(ref from, 16) + c).StoreUnsafe(ref to, 16);
            (Vector256.LoadUnsafe(ref from, 24) + e).StoreUnsafe(ref to, 24);
        }

        for (; first < room; first += width)
        {
            var total = Vector256<float>.Zero;
            for (var d = 0; d < Dimensions; d++)
            {
                total += Vector256.Create(scaled[d]) * Vector256.LoadUnsafe(ref columns, (nuint)((d * room) + first));
            }

            (Vector256.LoadUnsafe(ref bias, (nuint)first) + total).StoreUnsafe(ref into, (nuint)first);
        }
    }

    private void AddRows(ReadOnlySpan<int> rows, Span<int> sum)
    {
        ref var to = ref MemoryMarshal.GetReference(sum);
        ref var all = ref MemoryMarshal.GetArrayDataReference(_rows);
        var (a, b) = (Vector256.LoadUnsafe(ref to), Vector256.LoadUnsafe(ref to, 8));
        var (c, d) = (Vector256.LoadUnsafe(ref to, 16), Vector256.LoadUnsafe(ref to, 24));
        foreach (var row in rows)
        {
            ref var from = ref Unsafe.Add(ref all, row * Dimensions);
            var (one, two) = Vector256.Widen(Vector256.LoadUnsafe(ref from));
            var (three, four) = Vector256.Widen(Vector256.LoadUnsafe(ref from, 16));
            (a, b, c, d) = (a + one, b + two, c + three, d + four);
        }

        a.StoreUnsafe(ref to);
        b.StoreUnsafe(ref to, 8);
        c.StoreUnsafe(ref to, 16);
        d.StoreUnsafe(ref to, 24);
    }
}
