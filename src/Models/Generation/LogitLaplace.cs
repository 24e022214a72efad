using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>
/// The distribution of a pixel given the codes: the sigmoid of a Laplace-distributed number, which like a pixel stays within (0, 1)
/// (arXiv 2102.12092, appendix A.3).
/// </summary>
internal static class LogitLaplace
{
    /// <summary>How far pixels are kept from 0 and 1, where the density has poles.</summary>
    internal const double Epsilon = 0.1;

    /// <summary>[0, 1] to [0.1, 0.9] (equation 3).</summary>
    internal static Tensor MapPixels(Tensor pixels)
    {
        using var scaled = pixels * (1 - 2 * Epsilon);
        return scaled + Epsilon;
    }

    /// <summary>The inverse of <see cref="MapPixels"/>, cut to [0, 1].</summary>
    internal static Tensor UnmapPixels(Tensor mapped)
    {
        using var shifted = mapped - Epsilon;
        return (shifted / (1 - 2 * Epsilon)).clamp_(0, 1);
    }

    /// <summary>The logarithm of equation 2 for each value of a picture: -ln 2b - ln x(1 - x) - |logit x - mu| / b.</summary>
    /// <param name="statistics">[N, 2 C, H, W]: C means, then C log scales.</param>
    /// <param name="mapped">[N, C, H, W] in [0.1, 0.9].</param>
    /// <returns>[N, C, H, W].</returns>
    internal static Tensor LogLikelihood(Tensor statistics, Tensor mapped)
    {
        using var scope = NewDisposeScope();
        var halves = statistics.chunk(2, 1);
        var (log, logOfRest) = (mapped.log(), (-mapped + 1).log());
        var distance = (log - logOfRest - halves[0]).abs() * (-halves[1]).exp();
        return (-(distance + halves[1] + log + logOfRest) - Math.Log(2)).MoveToOuterDisposeScope();
    }

    /// <summary>The picture that the means stand for; the scales are left out (appendix A.3).</summary>
    /// <param name="statistics">[N, 2 C, H, W].</param>
    /// <returns>[N, C, H, W] in [0, 1].</returns>
    internal static Tensor Reconstruct(Tensor statistics)
    {
        using var scope = NewDisposeScope();
        return UnmapPixels(statistics.chunk(2, 1)[0].sigmoid()).MoveToOuterDisposeScope();
    }
}
