namespace Sightline.Models.Images;

/// <summary>
/// What a picture's luma (ITU-R BT.601) says of its quality and its likeness to others, measured after its longer side was shrunk to
/// <see cref="Side"/> pixels by area averaging, so that a picture and its larger or smaller copies measure alike; a smaller picture is
/// measured as it is. Up to there all is integer arithmetic: every machine gives the same numbers.
/// </summary>
/// <param name="Brightness">Mean luma, 0 (black) to 1 (white).</param>
/// <param name="Contrast">Standard deviation of luma, 0 to 0.5.</param>
/// <param name="Entropy">Shannon entropy of the histogram of luma, 0 to 8 bits.</param>
/// <param name="Sharpness">Variance of the Laplacian of luma in [0, 255], of pixels that have four neighbours; 0 where none has. Pech-Pacheco
/// et al., "Diatom autofocusing in brightfield microscopy" (2000).</param>
/// <param name="PerceptualHash">See <see cref="Images.PerceptualHash"/>.</param>
public readonly record struct ImageStatistics(float Brightness, float Contrast, float Entropy, float Sharpness, ulong PerceptualHash)
{
    /// <summary>Longer side at which pictures are measured, in pixels.</summary>
    public const int Side = 256;

    public static ImageStatistics Of(RgbImage image)
    {
        var (width, height) = AreaAverage.Fit(image.Width, image.Height, Side);
        Span<byte> whole = stackalloc byte[Side * Side];
        var luma = whole[..(width * height)];
        AreaAverage.ShrinkToLuma(image, width, height, luma);
        var (mean, deviation, entropy) = Histogram(luma);
        return new ImageStatistics(
            (float)(mean / 255), (float)(deviation / 255), (float)entropy, (float)LaplacianVariance(luma, width, height),
            Images.PerceptualHash.Of(luma, width, height));
    }

    private static (double Mean, double Deviation, double Entropy) Histogram(ReadOnlySpan<byte> luma)
    {
        Span<int> counts = stackalloc int[256];
        counts.Clear();
        foreach (var value in luma)
        {
            counts[value]++;
        }

        long sum = 0, squares = 0;
        double entropy = 0;
        for (var value = 0; value < counts.Length; value++)
        {
            sum += (long)value * counts[value];
            squares += (long)value * value * counts[value];
            var share = counts[value] / (double)luma.Length;
            entropy -= share > 0 ? share * Math.Log2(share) : 0;
        }

        return (sum / (double)luma.Length, Math.Sqrt(Variance(sum, squares, luma.Length)), entropy);
    }

    private static double LaplacianVariance(ReadOnlySpan<byte> luma, int width, int height)
    {
        if (width < 3 || height < 3)
        {
            return 0;
        }

        long sum = 0, squares = 0;
        for (var y = 1; y < height - 1; y++)
        {
            var above = luma.Slice((y - 1) * width, width);
            var row = luma.Slice(y * width, width);
            var below = luma.Slice((y + 1) * width, width);
            for (var x = 1; x < row.Length - 1; x++)
            {
                var laplacian = above[x] + below[x] + row[x - 1] + row[x + 1] - (4 * row[x]);
                sum += laplacian;
                squares += laplacian * laplacian;
            }
        }

        return Variance(sum, squares, (width - 2) * (height - 2));
    }

    // In integers up to the division: differences of large sums lose nothing.
    private static double Variance(long sum, long squares, long count) => (double)((count * squares) - ((Int128)sum * sum)) / ((double)count * count);
}
