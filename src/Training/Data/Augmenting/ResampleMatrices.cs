using static TorchSharp.torch;

namespace Sightline.Training.Data;

/// <summary>
/// Resampling along one side as a matrix a picture: Pillow's bicubic (a = -0.5), which widens with the scale where a picture becomes
/// smaller, in float32. A crop, a flip and a Gaussian blur are in the same matrix, so each picture has a crop of its own at the cost of two
/// products.
/// </summary>
internal static class ResampleMatrices
{
    /// <param name="starts">N; where the crops begin, pixels of the source.</param>
    /// <param name="lengths">N; of the crops.</param>
    /// <param name="from">Pixels of the source.</param>
    /// <param name="to">Pixels of the result.</param>
    /// <param name="flips">N; null where there are none.</param>
    /// <returns>[N, to, from], rows of sum 1.</returns>
    internal static Tensor Create(double[] starts, double[] lengths, int from, int to, bool[]? flips, Device device)
    {
        using var scope = NewDisposeScope();
        var places = new float[starts.Length * to];
        var scales = new float[starts.Length];
        for (var n = 0; n < starts.Length; n++)
        {
            var scale = lengths[n] / to;
            scales[n] = (float)(1 / Math.Max(1, scale));
            for (var i = 0; i < to; i++)
            {
                var at = flips is not null && flips[n] ? to - 1 - i : i;
                places[n * to + i] = (float)(starts[n] + (at + 0.5) * scale - 0.5);
            }
        }

        var centres = tensor(places, [starts.Length, to, 1], device: device);
        var columns = arange(0, from, ScalarType.Float32, device).view(1, 1, from);
        var weights = Cubic((columns - centres).mul_(tensor(scales, [starts.Length, 1, 1], device: device)).abs());
        return weights.div_(weights.sum(2, keepdim: true)).MoveToOuterDisposeScope();
    }

    /// <summary>Gaussian blur of a side, its weights cut off at the picture's edges and made 1 in sum again.</summary>
    /// <param name="deviations">N, pixels; 0 changes nothing.</param>
    /// <returns>[N, side, side].</returns>
    internal static Tensor Blur(double[] deviations, int side, Device device)
    {
        using var scope = NewDisposeScope();
        var factors = deviations.Select(d => d > 0 ? (float)(-0.5 / (d * d)) : -1e6f).ToArray();
        var places = arange(0, side, ScalarType.Float32, device);
        var distances = places.view(1, side, 1) - places.view(1, 1, side);
        var weights = (distances * distances * tensor(factors, [factors.Length, 1, 1], device: device)).exp();
        return weights.div_(weights.sum(2, keepdim: true)).MoveToOuterDisposeScope();
    }

    /// <summary>Keys' cubic convolution with a = -0.5: 1.5 x^3 - 2.5 x^2 + 1 up to 1, -0.5 x^3 + 2.5 x^2 - 4 x + 2 up to 2.</summary>
    private static Tensor Cubic(Tensor x)
    {
        var near = ((1.5 * x).sub(2.5).mul_(x).mul_(x)).add_(1);
        var far = ((-0.5 * x).add_(2.5).mul_(x).sub(4).mul_(x)).add_(2);
        return where(x.lt(1), near, where(x.lt(2), far, zeros_like(x)));
    }
}
