namespace Sightline.Models.Images;

/// <summary>
/// The taps of one axis, as Pillow computes them (Resample.c, precompute_coeffs and normalize_coeffs_8bpc): the kernel widens with the
/// scale when shrinking, weights are normalised in double precision and then rounded to 22 fractional bits.
/// </summary>
internal sealed class ResampleWeights
{
    internal const int PrecisionBits = 22;

    private readonly int[] _first;
    private readonly int[] _count;
    private readonly int[] _weights;
    private readonly int _stride;

    private ResampleWeights(int outputs, int stride)
    {
        _first = new int[outputs];
        _count = new int[outputs];
        _weights = new int[outputs * stride];
        _stride = stride;
    }

    internal int Outputs => _first.Length;

    /// <summary>The first source pixel that any output needs.</summary>
    internal int FirstSource => _first[0];

    /// <summary>One past the last source pixel that any output needs.</summary>
    internal int EndSource => _first[^1] + _count[^1];

    /// <summary>The first source pixel of an output and the weights from there on.</summary>
    internal ReadOnlySpan<int> Of(int output, out int first)
    {
        first = _first[output];
        return _weights.AsSpan(output * _stride, _count[output]);
    }

    /// <summary>The taps of outputs <paramref name="start"/> to start + count of an axis resized from <paramref name="from"/> to
    /// <paramref name="to"/> pixels.</summary>
    internal static ResampleWeights Create(int from, int to, int start, int count, ResampleFilter filter)
    {
        var scale = (double)from / to;
        var widening = Math.Max(1.0, scale);
        var support = SupportOf(filter) * widening;
        var weights = new ResampleWeights(count, ((int)Math.Ceiling(support) * 2) + 1);
        var exact = new double[weights._stride];
        for (var i = 0; i < count; i++)
        {
            var centre = (start + i + 0.5) * scale;
            var first = Math.Max(0, (int)(centre - support + 0.5));
            var taps = Math.Min(from, (int)(centre + support + 0.5)) - first;
            weights._first[i] = first;
            weights._count[i] = taps;
            Fill(exact.AsSpan(0, taps), first - centre + 0.5, 1 / widening, filter);
            Quantise(exact.AsSpan(0, taps), weights._weights.AsSpan(i * weights._stride));
        }

        return weights;
    }

    private static void Fill(Span<double> taps, double from, double step, ResampleFilter filter)
    {
        var sum = 0.0;
        for (var x = 0; x < taps.Length; x++)
        {
            taps[x] = Kernel(filter, (x + from) * step);
            sum += taps[x];
        }

        for (var x = 0; x < taps.Length && sum != 0; x++)
        {
            taps[x] /= sum;
        }
    }

    private static void Quantise(ReadOnlySpan<double> taps, Span<int> weights)
    {
        for (var x = 0; x < taps.Length; x++)
        {
            weights[x] = (int)((taps[x] * (1 << PrecisionBits)) + (taps[x] < 0 ? -0.5 : 0.5));
        }
    }

    private static double SupportOf(ResampleFilter filter) =>
        filter switch { ResampleFilter.Bilinear => 1, ResampleFilter.Bicubic => 2, _ => 3 };

    private static double Kernel(ResampleFilter filter, double x)
    {
        x = Math.Abs(x);
        return filter switch
        {
            ResampleFilter.Bilinear => x < 1 ? 1 - x : 0,
            ResampleFilter.Bicubic => Cubic(x, -0.5),
            _ => x < 3 ? Sinc(x) * Sinc(x / 3) : 0,
        };
    }

    private static double Cubic(double x, double a) => x switch
    {
        < 1 => ((((a + 2) * x) - (a + 3)) * x * x) + 1,
        < 2 => ((((x - 5) * x) + 8) * x - 4) * a,
        _ => 0,
    };

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(x * Math.PI) / (x * Math.PI);
}
