using System.Numerics.Tensors;

namespace Sightline.Search;

/// <summary>
/// Turns the vectors of one segment into short codes for the walk. The vectors are centred and projected onto the principal axes that
/// hold all but <see cref="LostEnergy"/> of their variance (embeddings fill far fewer dimensions than they have), the axes are mixed by a
/// random orthogonal transform so that all components spread alike, and each component becomes one byte in steps of the vector's largest
/// (locally-adaptive quantization: Aguerrebere et al., "Similarity search in the blink of an eye", 2023, section 3).
/// Beside it a vector keeps 16 bits a component on its own axes, which give the score that counts, within 1e-5 of float32.
/// </summary>
internal sealed unsafe class VectorCodec
{
    /// <summary>The part of the variance that the walk may overlook; the final score overlooks nothing.</summary>
    internal const double LostEnergy = 0.004;

    /// <summary>A step of a code's second byte, in steps of the first.</summary>
    internal const float SecondLevel = 1f / 254;

    private const int SampleSize = 8192;
    private const int LossSample = 512;
    private const int Seed = 20_041;
    private const int Mixes = 3;

    private readonly NativeArray<float> _projection;
    private readonly NativeArray<float> _mean;
    private readonly float[] _projectedMean;

    /// <param name="mean">The codes' origin.</param>
    /// <param name="projection">Width x Dimensions, row-major; orthonormal rows, or zero rows where width exceeds dimensions.</param>
    internal VectorCodec(NativeArray<float> mean, NativeArray<float> projection)
    {
        Dimensions = (int)mean.Length;
        Width = (int)(projection.Length / mean.Length);
        _mean = mean;
        _projection = projection;
        _projectedMean = new float[Width];
        Project(mean.Span(0, Dimensions), _projectedMean);
    }

    internal int Dimensions { get; }

    /// <summary>Components of a walk code, a multiple of <see cref="Kernels.Block"/>.</summary>
    internal int Width { get; }

    internal delegate void VectorReader(int row, Span<float> vector);

    /// <summary>Fits the axes to a seeded sample of the rows.</summary>
    /// <param name="lostEnergy">The part of the variance that the axes may leave out, at least 0.</param>
    internal static VectorCodec Fit(int dimensions, int rows, VectorReader read, double lostEnergy, ParallelOptions parallel)
    {
        var random = new Random(Seed);
        var count = Math.Min(rows, SampleSize);
        var mean = new double[dimensions];
        var columns = new float[dimensions][];
        for (var d = 0; d < dimensions; d++)
        {
            columns[d] = new float[count];
        }

        var vector = new float[dimensions];
        for (var i = 0; i < count; i++)
        {
            read((int)((i + random.NextDouble()) * rows / count), vector);
            for (var d = 0; d < dimensions; d++)
            {
                columns[d][i] = vector[d];
                mean[d] += vector[d] / (double)count;
            }
        }

        var covariance = new double[dimensions][];
        for (var d = 0; d < dimensions; d++)
        {
            covariance[d] = new double[dimensions];
            TensorPrimitives.Subtract(columns[d], (float)mean[d], columns[d]);
        }

        Parallel.For(0, dimensions, parallel, row =>
        {
            for (var column = 0; column <= row; column++)
            {
                covariance[row][column] = TensorPrimitives.Dot(columns[row], columns[column]) / count;
                covariance[column][row] = covariance[row][column];
            }
        });
        var (values, axes) = PrincipalAxes.Of(covariance);
        var width = WidthFor(values, lostEnergy);
        var origin = new NativeArray<float>(dimensions);
        TensorPrimitives.ConvertTruncating<double, float>(mean, origin.Span(0, dimensions));
        return new VectorCodec(origin, Mix(axes, width, dimensions, random));
    }

    /// <summary>Copies the codec into a segment's memory.</summary>
    internal void CopyTo(SegmentImage image)
    {
        _mean.Span(0, Dimensions).CopyTo(image.Mean.Span(0, Dimensions));
        _projection.Span(0, (int)_projection.Length).CopyTo(image.Projection.Span(0, (int)_projection.Length));
    }

    /// <summary>The segment was encoded with this codec.</summary>
    internal bool IsOf(SegmentImage image) =>
        image.Mean.Span(0, (int)image.Mean.Length).SequenceEqual(_mean.Span(0, Dimensions))
        && image.Projection.Span(0, (int)image.Projection.Length).SequenceEqual(_projection.Span(0, (int)_projection.Length));

    /// <summary>The part of these rows' variance that the axes overlook: of the order of <see cref="LostEnergy"/> where they fit.</summary>
    internal double MeasureLoss(int rows, VectorReader read)
    {
        var (vector, projected) = (new float[Dimensions], new float[Width]);
        var (all, held) = (0.0, 0.0);
        for (var i = 0; i < Math.Min(rows, LossSample); i++)
        {
            read((int)((long)i * rows / Math.Min(rows, LossSample)), vector);
            TensorPrimitives.Subtract(vector, _mean.Span(0, Dimensions), vector);
            Project(vector, projected);
            all += TensorPrimitives.SumOfSquares(vector);
            held += TensorPrimitives.SumOfSquares(projected);
        }

        return all > 0 ? 1 - held / all : 0;
    }

    /// <summary>Writes a vector's walk code.</summary>
    /// <param name="code">Width bytes, or twice as many for a second level.</param>
    /// <param name="scratch">Width floats.</param>
    /// <returns>The length of one step, and the inner product of the centred vector with the mean.</returns>
    internal (float Step, float Bias) Encode(ReadOnlySpan<float> vector, Span<byte> code, Span<float> scratch)
    {
        Project(vector, scratch);
        TensorPrimitives.Subtract(scratch, _projectedMean, scratch);
        var step = StepFor(scratch, 127);
        var inverse = 1 / step;
        for (var i = 0; i < Width; i++)
        {
            var steps = scratch[i] * inverse;
            code[i] = (byte)(MathF.Round(steps) + 128);
            if (code.Length > Width)
            {
                code[Width + i] = (byte)(MathF.Round((steps - MathF.Round(steps)) / SecondLevel) + 128);
            }
        }

        return (step, TensorPrimitives.Dot(scratch, _projectedMean));
    }

    /// <summary>A query for the walk: signed bytes and their sum; their common factor changes no order and is left out.</summary>
    /// <param name="scratch">Width floats.</param>
    internal int EncodeQuery(ReadOnlySpan<float> query, Span<sbyte> code, Span<float> scratch)
    {
        Project(query, scratch);
        var inverse = 1 / StepFor(scratch, 127);
        var sum = 0;
        for (var i = 0; i < code.Length; i++)
        {
            code[i] = (sbyte)MathF.Round(scratch[i] * inverse);
            sum += code[i];
        }

        return sum;
    }

    /// <summary>Writes the 16-bit code that the final score is taken from.</summary>
    /// <returns>The length of one step.</returns>
    internal static float EncodeExact(ReadOnlySpan<float> vector, Span<short> code)
    {
        var step = StepFor(vector, short.MaxValue);
        for (var i = 0; i < code.Length; i++)
        {
            // The division is exact where the vector was decoded from a code: encoding twice changes nothing.
            code[i] = (short)MathF.Round(vector[i] / step);
        }

        return step;
    }

    internal static void DecodeExact(ReadOnlySpan<short> code, float step, Span<float> vector)
    {
        for (var i = 0; i < code.Length; i++)
        {
            vector[i] = code[i] * step;
        }
    }

    private static float StepFor(ReadOnlySpan<float> values, int steps)
    {
        var largest = TensorPrimitives.MaxMagnitude(values);
        return largest != 0 ? MathF.Abs(largest) / steps : 1;
    }

    private void Project(ReadOnlySpan<float> vector, Span<float> projected)
    {
        for (var i = 0; i < Width; i++)
        {
            projected[i] = TensorPrimitives.Dot(_projection.Span((long)i * Dimensions, Dimensions), vector);
        }
    }

    private static int WidthFor(double[] values, double lostEnergy)
    {
        var total = values.Sum(v => Math.Max(v, 0));
        var width = 0;
        for (double held = 0; width < values.Length && (lostEnergy == 0 || total - held > lostEnergy * total); width++)
        {
            held += Math.Max(values[width], 0);
        }

        return Math.Max(Kernels.Block, (width + Kernels.Block - 1) / Kernels.Block * Kernels.Block);
    }

    // Rounds of random signs, Walsh-Hadamard blocks and a random permutation: orthogonal, and spreads each axis over all rows.
    private static NativeArray<float> Mix(double[][] axes, int width, int dimensions, Random random)
    {
        var block = width & -width;
        var rows = new double[width][];
        for (var i = 0; i < width; i++)
        {
            rows[i] = i < axes.Length ? axes[i] : new double[dimensions];
        }

        for (var round = 0; round < Mixes; round++)
        {
            random.Shuffle(rows);
            foreach (var row in rows.Where(_ => random.Next(2) == 0))
            {
                TensorPrimitives.Negate(row, row);
            }

            for (var half = 1; half < block; half *= 2)
            {
                for (var i = 0; i < width; i++)
                {
                    if ((i & half) == 0)
                    {
                        Butterfly(rows[i], rows[i + half]);
                    }
                }
            }
        }

        var projection = new NativeArray<float>((long)width * dimensions);
        for (var i = 0; i < width; i++)
        {
            TensorPrimitives.ConvertTruncating<double, float>(rows[i], projection.Span((long)i * dimensions, dimensions));
        }

        return projection;
    }

    private static void Butterfly(double[] x, double[] y)
    {
        for (var d = 0; d < x.Length; d++)
        {
            (x[d], y[d]) = ((x[d] + y[d]) * Math.Sqrt(0.5), (x[d] - y[d]) * Math.Sqrt(0.5));
        }
    }
}
