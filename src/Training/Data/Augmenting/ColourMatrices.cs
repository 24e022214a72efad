using static TorchSharp.torch;

namespace Sightline.Training.Data;

/// <summary>
/// Brightness, contrast, saturation and hue, in this order, as one 3 x 3 matrix a picture and one number added to all channels. Grey is
/// 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601); contrast is about the picture's mean grey, saturation about each pixel's; hue turns about
/// the axis of greys in NTSC's YIQ. Numbers are clamped once, at the end of all changes.
/// </summary>
internal static class ColourMatrices
{
    private static readonly double[] Grey = [0.299, 0.587, 0.114];
    private static readonly double[,] ToYiq =
    {
        { 0.299, 0.587, 0.114 }, { 0.595716, -0.274453, -0.321263 }, { 0.211456, -0.522591, 0.311135 },
    };

    private static readonly double[,] FromYiq = Inverse(ToYiq);

    /// <param name="pixels">[N, 3, S, S], float32.</param>
    internal static Tensor Apply(Tensor pixels, PictureChanges[] changes)
    {
        using var scope = NewDisposeScope();
        var (count, side) = (changes.Length, pixels.size(3));
        var matrices = new float[count * 9];
        var greys = new float[count * 3];
        for (var n = 0; n < count; n++)
        {
            Fill(changes[n], matrices.AsSpan(9 * n, 9), greys.AsSpan(3 * n, 3));
        }

        var flat = pixels.view(count, 3, side * side);
        var bias = flat.mean([2]).mul_(tensor(greys, [count, 3], device: pixels.device)).sum(1).view(count, 1, 1);
        return tensor(matrices, [count, 3, 3], device: pixels.device).bmm(flat).add_(bias).view(count, 3, side, side)
            .MoveToOuterDisposeScope();
    }

    /// <param name="greys">What each channel's mean adds to all channels: the contrast's fixed point.</param>
    private static void Fill(PictureChanges change, Span<float> matrix, Span<float> greys)
    {
        var (sin, cos) = Math.SinCos(2 * Math.PI * change.Hue);
        double[,] turn = { { 1, 0, 0 }, { 0, cos, -sin }, { 0, sin, cos } };
        var hue = change.Hue == 0 ? new double[,] { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } } : Product(FromYiq, Product(turn, ToYiq));
        var saturation = new double[3, 3];
        for (var r = 0; r < 3; r++)
        {
            for (var c = 0; c < 3; c++)
            {
                saturation[r, c] = (r == c ? change.Saturation : 0) + (1 - change.Saturation) * Grey[c];
            }
        }

        var both = Product(hue, saturation);
        for (var i = 0; i < 9; i++)
        {
            matrix[i] = (float)(both[i / 3, i % 3] * change.Brightness * change.Contrast);
        }

        for (var c = 0; c < 3; c++)
        {
            greys[c] = (float)((1 - change.Contrast) * change.Brightness * Grey[c]);
        }
    }

    private static double[,] Product(double[,] a, double[,] b)
    {
        var product = new double[3, 3];
        for (var i = 0; i < 27; i++)
        {
            product[i / 9, i % 3] += a[i / 9, i / 3 % 3] * b[i / 3 % 3, i % 3];
        }

        return product;
    }

    /// <summary>By the adjugate.</summary>
    private static double[,] Inverse(double[,] m)
    {
        var inverse = new double[3, 3];
        double Minor(int r, int c) => m[(r + 1) % 3, (c + 1) % 3] * m[(r + 2) % 3, (c + 2) % 3]
            - m[(r + 1) % 3, (c + 2) % 3] * m[(r + 2) % 3, (c + 1) % 3];
        var determinant = m[0, 0] * Minor(0, 0) + m[0, 1] * Minor(0, 1) + m[0, 2] * Minor(0, 2);
        for (var i = 0; i < 9; i++)
        {
            inverse[i % 3, i / 3] = Minor(i / 3, i % 3) / determinant;
        }

        return inverse;
    }
}
