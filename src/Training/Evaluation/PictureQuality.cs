using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Sightline.Training.Evaluation;

/// <summary>How like pictures are to what they should be.</summary>
internal static class PictureQuality
{
    /// <summary>What identical pictures count as, in decibels: their ratio has no end.</summary>
    internal const double Identical = 100;

    // Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004.
    private const int Window = 11;
    private const double Deviation = 1.5;
    private const double C1 = 0.01 * 0.01;
    private const double C2 = 0.03 * 0.03;

    /// <summary>Peak signal-to-noise ratio of each picture, 10 log10(1 / mean squared difference), in decibels.</summary>
    /// <param name="expected">[N, 3, H, W] in [0, 1].</param>
    /// <param name="actual">Likewise.</param>
    internal static double[] Psnr(Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        var difference = (expected - actual).to(ScalarType.Float64);
        return [.. Numbers((difference * difference).mean([1, 2, 3])).Select(m => m == 0 ? Identical : Math.Min(Identical, -10 * Math.Log10(m)))];
    }

    /// <summary>Structural similarity of each picture, the mean over places and channels: 1 is equal. Windows of 11 x 11 weighted by a
    /// Gaussian of deviation 1.5, inside the picture.</summary>
    /// <param name="expected">[N, 3, H, W] in [0, 1], each side 11 at least.</param>
    /// <param name="actual">Likewise.</param>
    internal static double[] Ssim(Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        var (n, h, w) = (expected.size(0), expected.size(2), expected.size(3));
        var (x, y) = (Planes(expected), Planes(actual));
        var (meanX, meanY) = (Blur(x), Blur(y));
        var (varianceX, varianceY) = (Blur(x * x) - meanX * meanX, Blur(y * y) - meanY * meanY);
        var covariance = Blur(x * y) - meanX * meanY;
        var similarity = (meanX * meanY * 2 + C1) * (covariance * 2 + C2)
            / ((meanX * meanX + meanY * meanY + C1) * (varianceX + varianceY + C2));
        return Numbers(similarity.view(n, -1).mean([1]));

        Tensor Planes(Tensor pictures) => pictures.to(ScalarType.Float64).contiguous().view(n * 3, 1, h, w);
    }

    internal static bool HasSsim(int side) => side >= Window;

    // A Gaussian is the product of one across and one down.
    private static Tensor Blur(Tensor planes)
    {
        double[] taps = [.. Enumerable.Range(-(Window / 2), Window).Select(i => Math.Exp(-i * i / (2 * Deviation * Deviation)))];
        var sum = taps.Sum();
        var kernel = tensor([.. taps.Select(t => t / sum)], [1, 1, 1, Window], device: planes.device);
        return nn.functional.conv2d(nn.functional.conv2d(planes, kernel), kernel.transpose(2, 3).contiguous());
    }

    private static double[] Numbers(Tensor values) => MemoryMarshal.Cast<byte, double>(values.cpu().contiguous().bytes).ToArray();
}
