using System.Numerics.Tensors;

namespace Sightline.Curation;

/// <summary>
/// Bounds cosines from above by a few numbers a vector, so that nearly all pairs are told apart without their full vectors, and none
/// wrongly. A vector's sketch is its projection on the axes of largest energy and the length of what remains: by Cauchy and Schwarz the
/// dot product of two sketches is at least that of the vectors. Immutable and thread-safe.
/// </summary>
internal sealed class CosineBound
{
    private const int Sample = 4096;
    private const int SamplePairs = 20_000;
    private const int Iterations = 6;

    // What a pair costs whose bound does not rule it out, in numbers of a sketch: the conversion and product of full vectors, measured.
    private const int ExactCost = 4;

    // Rounding in single precision, of the remainder's square and of the product; keeps the bound one.
    private const double RemainderSlack = 1e-6;
    private const float ProductSlack = 1e-5f;

    private readonly float[][] _axes;

    private CosineBound(float[][] axes) => _axes = axes;

    /// <summary>Numbers of a sketch.</summary>
    internal int Width => _axes.Length + 1;

    /// <param name="cosine">Pairs below are to be ruled out: decides how long the sketches are, 32 to 128 numbers.</param>
    internal static CosineBound Fit(EmbeddingRows rows, float cosine, ParallelOptions parallel)
    {
        var sample = new float[Math.Min(Sample, rows.Count)][];
        Parallel.For(0, sample.Length, parallel, i =>
        {
            sample[i] = new float[rows.Dimensions];
            rows.Read((int)((long)i * rows.Count / sample.Length), sample[i]);
        });
        var axes = FindAxes(sample, Math.Min(127, rows.Dimensions), rows.Dimensions, parallel);
        CosineBound? best = null;
        var least = double.MaxValue;
        foreach (var length in (ReadOnlySpan<int>)[31, 63, 95, 127])
        {
            var bound = new CosineBound(axes[..Math.Min(length, axes.Length)]);
            var cost = bound.Width + (bound.ShareAbove(sample, cosine) * ExactCost * rows.Dimensions);
            if (cost < least)
            {
                (best, least) = (bound, cost);
            }
        }

        return best!;
    }

    /// <param name="sketch">Of <see cref="Width"/> numbers.</param>
    internal void Sketch(ReadOnlySpan<float> vector, Span<float> sketch)
    {
        var rest = (double)TensorPrimitives.SumOfSquares(vector);
        for (var i = 0; i < _axes.Length; i++)
        {
            sketch[i] = TensorPrimitives.Dot(_axes[i], vector);
            rest -= (double)sketch[i] * sketch[i];
        }

        sketch[_axes.Length] = (float)Math.Sqrt(Math.Max(0, rest) + RemainderSlack);
    }

    /// <summary>A threshold for products of sketches: no pair below it has a cosine of so much.</summary>
    internal static float For(float cosine) => cosine - ProductSlack;

    private double ShareAbove(float[][] sample, float cosine)
    {
        if (sample.Length < 2)
        {
            return 0;
        }

        var sketches = new float[sample.Length * Width];
        for (var i = 0; i < sample.Length; i++)
        {
            Sketch(sample[i], sketches.AsSpan(i * Width, Width));
        }

        var above = 0;
        for (var i = 0; i < SamplePairs; i++)
        {
            var x = (int)(SeededHash.Of(1, i) % (ulong)sample.Length);
            var y = (x + 1 + (int)(SeededHash.Of(2, i) % (ulong)(sample.Length - 1))) % sample.Length;
            var product = TensorPrimitives.Dot<float>(sketches.AsSpan(x * Width, Width), sketches.AsSpan(y * Width, Width));
            above += product >= For(cosine) ? 1 : 0;
        }

        return (double)above / SamplePairs;
    }

    // Orthogonal iteration on the matrix of second moments (Golub and Van Loan, section 7.3.2). The axes need only be orthonormal for the
    // bound to hold; how near they are to the principal ones decides how tight it is.
    private static float[][] FindAxes(float[][] sample, int count, int dimensions, ParallelOptions parallel)
    {
        var moments = new float[dimensions][];
        Parallel.For(0, dimensions, parallel, i =>
        {
            moments[i] = new float[dimensions];
            foreach (var vector in sample)
            {
                TensorPrimitives.MultiplyAdd(vector, vector[i], moments[i], moments[i]);
            }
        });
        var axes = new float[count][];
        for (var i = 0; i < count; i++)
        {
            axes[i] = new float[dimensions];
            for (var j = 0; j < dimensions; j++)
            {
                axes[i][j] = (float)(SeededHash.Unit(SeededHash.Of(i, j)) - 0.5);
            }
        }

        Orthonormalise(axes);
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            var before = axes;
            axes = new float[count][];
            var after = axes;
            Parallel.For(0, count, parallel, i =>
            {
                after[i] = new float[dimensions];
                for (var j = 0; j < dimensions; j++)
                {
                    after[i][j] = TensorPrimitives.Dot<float>(moments[j], before[i]);
                }
            });
            Orthonormalise(axes);
        }

        return axes;
    }

    // Gram and Schmidt, twice for precision; an axis that the others span gives way to a unit vector.
    private static void Orthonormalise(float[][] axes)
    {
        var unit = 0;
        for (var i = 0; i < axes.Length; i++)
        {
            while (true)
            {
                var before = TensorPrimitives.Norm<float>(axes[i]);
                for (var pass = 0; pass < 2; pass++)
                {
                    for (var j = 0; j < i; j++)
                    {
                        TensorPrimitives.MultiplyAdd(axes[j], -TensorPrimitives.Dot<float>(axes[i], axes[j]), axes[i], axes[i]);
                    }
                }

                var norm = TensorPrimitives.Norm<float>(axes[i]);
                if (norm > 1e-4f * before && norm > 1e-30f)
                {
                    TensorPrimitives.Divide(axes[i], norm, axes[i]);
                    break;
                }

                Array.Clear(axes[i]);
                axes[i][unit++] = 1;
            }
        }
    }
}
