using Sightline.Training.Evaluation;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Tests.Evaluation;

public sealed class PictureQualityTests
{
    [Fact]
    public void A_difference_of_a_tenth_is_twenty_decibels()
    {
        using var scope = NewDisposeScope();
        var expected = full([2, 3, 16, 16], 0.5, ScalarType.Float64);
        var actual = cat([full([1, 3, 16, 16], 0.6, ScalarType.Float64), full([1, 3, 16, 16], 0.5, ScalarType.Float64)], 0);

        var psnr = PictureQuality.Psnr(expected, actual);

        Assert.Equal(20, psnr[0], 6);
        Assert.Equal(PictureQuality.Identical, psnr[1]);
    }

    [Fact]
    public void Flat_pictures_are_alike_as_far_as_their_brightness_is()
    {
        using var scope = NewDisposeScope();
        var (a, b, c) = (0.5, 0.7, 0.01 * 0.01);

        var ssim = PictureQuality.Ssim(full([1, 3, 16, 20], a, ScalarType.Float64), full([1, 3, 16, 20], b, ScalarType.Float64));

        // Without contrast the second factor is C2 / C2.
        Assert.Equal((2 * a * b + c) / (a * a + b * b + c), ssim[0], 9);
    }

    [Fact]
    public void One_window_is_what_the_formula_says()
    {
        using var scope = NewDisposeScope();
        var (x, y) = (Noise(1), Noise(2));
        double[] taps = [.. Enumerable.Range(-5, 11).Select(i => Math.Exp(-i * i / 4.5))];
        double[] weights = [.. taps.SelectMany(a => taps.Select(b => a * b / (taps.Sum() * taps.Sum())))];
        var (meanX, meanY) = (Mean(i => x[i]), Mean(i => y[i]));
        var (varianceX, varianceY) = (Mean(i => (x[i] - meanX) * (x[i] - meanX)), Mean(i => (y[i] - meanY) * (y[i] - meanY)));
        var covariance = Mean(i => (x[i] - meanX) * (y[i] - meanY));
        const double C1 = 1e-4, C2 = 9e-4;
        var expected = (2 * meanX * meanY + C1) * (2 * covariance + C2) / ((meanX * meanX + meanY * meanY + C1) * (varianceX + varianceY + C2));

        Assert.Equal(expected, PictureQuality.Ssim(Picture(x), Picture(y))[0], 9);
        Assert.Equal(1, PictureQuality.Ssim(Picture(x), Picture(x))[0], 9);

        double Mean(Func<int, double> value) => weights.Select((w, i) => w * value(i)).Sum();
        Tensor Picture(double[] values) => tensor([.. values, .. values, .. values], [1, 3, 11, 11]);
        double[] Noise(int seed)
        {
            var random = new Random(seed);
            return [.. Enumerable.Range(0, 121).Select(_ => random.NextDouble())];
        }
    }
}
