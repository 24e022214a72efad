using System.Numerics;

namespace Sightline.Models.Images;

/// <summary>
/// 64 bits of which copies of a picture, larger, smaller or compressed again, differ in few, and other pictures in about half: the signs of
/// the lowest frequencies of its luma at 32 x 32 (Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010,
/// section 3.2.1), with two changes that <c>tests/Golden/images</c> measures. The frequencies are the 64 lowest but the mean in zigzag order,
/// not a square of eight by eight, which leaves out the strongest or takes weaker ones. And a bit is set by what exceeds a twentieth of
/// their root mean square, not the median: half of a symmetric picture's frequencies are zero but for noise, which the median is too, and
/// two thirds of such pictures' copies would differ in more than 6 bits.
/// </summary>
public static class PerceptualHash
{
    private const int Side = 32;
    private const int Frequencies = 11;
    private const double DeadZone = 0.05;

    // [u, x]: cos(pi (2x + 1) u / 64), DCT-II.
    private static readonly double[] Cosines = Tabulate();

    private static readonly (int Down, int Across)[] Order = [.. Zigzag().Take(64)];

    /// <summary>Bits in which two hashes differ, 0 to 64. Up to about 6: copies; above 10: other pictures.</summary>
    public static int Distance(ulong one, ulong other) => BitOperations.PopCount(one ^ other);

    /// <param name="luma">width x height bytes.</param>
    internal static ulong Of(ReadOnlySpan<byte> luma, int width, int height)
    {
        Span<double> square = stackalloc double[Side * Side];
        AreaAverage.ToSquare(luma, width, height, Side, square);
        Span<double> waves = stackalloc double[64];
        Transform(square, waves);
        var power = 0.0;
        foreach (var wave in waves)
        {
            power += wave * wave;
        }

        var least = DeadZone * Math.Sqrt(power / waves.Length);
        var hash = 0UL;
        for (var i = 0; i < waves.Length; i++)
        {
            hash |= waves[i] > least ? 1UL << i : 0;
        }

        return hash;
    }

    private static void Transform(Span<double> square, Span<double> waves)
    {
        // Without its mean, so that a plain picture has zeros and no noise of rounding.
        var mean = 0.0;
        foreach (var value in square)
        {
            mean += value;
        }

        mean /= square.Length;
        Span<double> across = stackalloc double[Side * Frequencies];
        for (var y = 0; y < Side; y++)
        {
            for (var v = 0; v < Frequencies; v++)
            {
                var sum = 0.0;
                for (var x = 0; x < Side; x++)
                {
                    sum += (square[(y * Side) + x] - mean) * Cosines[(v * Side) + x];
                }

                across[(y * Frequencies) + v] = sum;
            }
        }

        for (var i = 0; i < waves.Length; i++)
        {
            var (u, v) = Order[i];
            waves[i] = 0;
            for (var y = 0; y < Side; y++)
            {
                waves[i] += across[(y * Frequencies) + v] * Cosines[(u * Side) + y];
            }
        }
    }

    // By their sum; of one sum, the least slanted first, then the flatter.
    private static IEnumerable<(int Down, int Across)> Zigzag() =>
        from u in Enumerable.Range(0, Frequencies)
        from v in Enumerable.Range(0, Frequencies)
        where u + v > 0
        orderby u + v, Math.Abs(u - v), u
        select (u, v);

    private static double[] Tabulate()
    {
        var cosines = new double[Frequencies * Side];
        for (var u = 0; u < Frequencies; u++)
        {
            for (var x = 0; x < Side; x++)
            {
                cosines[(u * Side) + x] = Math.Cos(Math.PI * ((2 * x) + 1) * u / (2 * Side));
            }
        }

        return cosines;
    }
}
