using System.Numerics.Tensors;

namespace Sightline.Curation;

/// <summary>
/// Rows chosen one after the other, and for each of the others the nearest of them. A choice costs a look at every sketch and a full
/// product where the sketch does not rule out that the new one is nearer. Memory: 8 bytes a pair. For one thread, works on several.
/// </summary>
internal sealed class ChosenRows(SketchedRows sketched, ParallelOptions parallel)
{
    private const int Chunk = 2048;

    // A chosen row's own.
    private const float Itself = float.PositiveInfinity;

    private readonly float[] _cosines = NoneYet(sketched.Rows.Count);
    private readonly int[] _nearest = new int[sketched.Rows.Count];
    private readonly double[] _sums = new double[(sketched.Rows.Count + Chunk - 1) / Chunk];
    private readonly int[] _farthest = new int[(sketched.Rows.Count + Chunk - 1) / Chunk];

    /// <summary>Numbers of the chosen rows, in order.</summary>
    internal List<int> Chosen { get; } = [];

    /// <summary>The place in <see cref="Chosen"/> of the nearest one.</summary>
    internal int NearestOf(int number) => _nearest[number];

    /// <param name="number">Not yet chosen.</param>
    internal void Choose(int number)
    {
        var rows = sketched.Rows;
        var place = Chosen.Count;
        var vector = new float[rows.Dimensions];
        rows.Read(number, vector);
        Chosen.Add(number);
        (_cosines[number], _nearest[number]) = (Itself, place);
        Parallel.For(0, _sums.Length, parallel, () => new float[rows.Dimensions], (chunk, _, buffer) =>
        {
            var own = sketched[number];
            var (sum, farthest) = (0.0, -1);
            for (var i = chunk * Chunk; i < Math.Min((chunk + 1) * Chunk, rows.Count); i++)
            {
                var cosine = _cosines[i];
                if (cosine == Itself)
                {
                    continue;
                }

                if (TensorPrimitives.Dot(sketched[i], own) >= CosineBound.For(cosine))
                {
                    var exact = rows.Cosine(i, vector, buffer);
                    if (exact > cosine)
                    {
                        (_cosines[i], _nearest[i], cosine) = (exact, place, exact);
                    }
                }

                sum += Math.Max(0, 1 - cosine);
                farthest = farthest < 0 || cosine < _cosines[farthest] ? i : farthest;
            }

            (_sums[chunk], _farthest[chunk]) = (sum, farthest);
            return buffer;
        }, static _ => { });
    }

    /// <summary>The row whose nearest chosen one is farthest, the first of equals; -1: all are chosen.</summary>
    internal int Farthest()
    {
        var farthest = -1;
        foreach (var candidate in _farthest)
        {
            farthest = candidate >= 0 && (farthest < 0 || _cosines[candidate] < _cosines[farthest]) ? candidate : farthest;
        }

        return farthest;
    }

    /// <summary>A row with a probability proportional to its squared distance from the nearest chosen one; -1 where all distances are
    /// 0.</summary>
    /// <param name="chance">In [0, 1).</param>
    internal int Draw(double chance)
    {
        var total = 0.0;
        foreach (var sum in _sums)
        {
            total += sum;
        }

        // The squared distance of unit vectors is 2 - 2 cos.
        var (rest, last) = (chance * total, -1);
        for (var chunk = 0; chunk < _sums.Length; chunk++)
        {
            if (rest >= _sums[chunk] && chunk < _sums.Length - 1)
            {
                rest -= _sums[chunk];
                continue;
            }

            for (var i = chunk * Chunk; i < Math.Min((chunk + 1) * Chunk, _cosines.Length); i++)
            {
                var weight = _cosines[i] == Itself ? 0 : Math.Max(0, 1 - _cosines[i]);
                last = weight > 0 ? i : last;
                if (weight > 0 && (rest -= weight) < 0)
                {
                    return i;
                }
            }
        }

        return last;
    }

    private static float[] NoneYet(int count)
    {
        var cosines = new float[count];
        Array.Fill(cosines, float.NegativeInfinity);
        return cosines;
    }
}
