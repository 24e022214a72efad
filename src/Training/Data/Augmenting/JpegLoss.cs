using static TorchSharp.torch;

namespace Sightline.Training.Data;

/// <summary>
/// What JPEG (ITU-T T.81) does to a picture, without its file: YCbCr of JFIF, chroma halved both ways, blocks of 8 x 8 through the DCT,
/// coefficients rounded to multiples of the tables of Annex K scaled by the quality as libjpeg does, and all of it back, chroma by
/// libjpeg's triangle.
/// </summary>
internal static class JpegLoss
{
    private const int Block = 8;
    private const int Unit = 16;

    private static readonly int[] Luma =
    [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
        18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100,
        103, 99,
    ];

    private static readonly int[] Chroma =
    [
        17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    ];

    private static readonly float[] ToYcc = [0.299f, 0.587f, 0.114f, -0.168736f, -0.331264f, 0.5f, 0.5f, -0.418688f, -0.081312f];
    private static readonly float[] FromYcc = [1, 0, 1.402f, 1, -0.344136f, -0.714136f, 1, 1.772f, 0];
    private static readonly float[] Transform = CreateTransform();

    /// <param name="pixels">[N, 3, S, S], float32, 0 to 255.</param>
    /// <param name="qualities">N, 1 to 100.</param>
    internal static Tensor Apply(Tensor pixels, int[] qualities)
    {
        using var scope = NewDisposeScope();
        var (count, side) = ((long)qualities.Length, (int)pixels.size(3));
        var whole = (side + Unit - 1) / Unit * Unit;
        var device = pixels.device;
        var padded = Pad(pixels.clamp(0, 255).round(), side, whole);
        var ycc = Matrix(ToYcc, device).matmul(padded.reshape(count, 3, -1)).view(count, 3, whole, whole).round();
        var luma = Quantise(ycc.narrow(1, 0, 1) - 128, qualities, Luma) + 128;
        var halves = nn.functional.avg_pool2d(ycc.narrow(1, 1, 2), 2).round();
        var chroma = Quantise(halves, qualities, Chroma).clamp(-128, 127).round();
        var wide = nn.functional.interpolate(chroma, size: [whole, whole], mode: InterpolationMode.Bilinear, align_corners: false);
        var back = cat([luma.clamp(0, 255).round(), wide], 1).reshape(count, 3, -1);
        return Matrix(FromYcc, device).matmul(back).view(count, 3, whole, whole)
            .narrow(2, 0, side).narrow(3, 0, side).clamp(0, 255).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>A number of a table at a quality (jcparam.c of libjpeg): 1 to 255.</summary>
    internal static int Step(int number, int quality)
    {
        var scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
        return Math.Clamp((number * scale + 50) / 100, 1, 255);
    }

    /// <param name="planes">[N, C, H, W], about 0; H and W are whole blocks.</param>
    private static Tensor Quantise(Tensor planes, int[] qualities, int[] table)
    {
        var (count, channels, height, width) = (planes.size(0), planes.size(1), planes.size(2), planes.size(3));
        var steps = qualities.SelectMany(q => table.Select(t => (float)Step(t, q))).ToArray();
        var quantum = tensor(steps, [count, 1, 64], device: planes.device);
        var transform = tensor(Transform, [64, 64], device: planes.device);

        // [N, C, H/8, 8, W/8, 8] -> [N, C, H/8, W/8, 8, 8] -> [N, blocks, 64]
        var blocks = planes.reshape(count, channels, height / Block, Block, width / Block, Block).permute(0, 1, 2, 4, 3, 5)
            .reshape(count, -1, 64);
        var rounded = blocks.matmul(transform.t()).div_(quantum).round().mul_(quantum);
        return rounded.matmul(transform).view(count, channels, height / Block, width / Block, Block, Block).permute(0, 1, 2, 4, 3, 5)
            .reshape(count, channels, height, width);
    }

    /// <summary>The last row and column again until there are whole blocks, as libjpeg does.</summary>
    private static Tensor Pad(Tensor pixels, int side, int whole)
    {
        if (side == whole)
        {
            return pixels;
        }

        var places = tensor([.. Enumerable.Range(0, whole).Select(i => (long)Math.Min(i, side - 1))], device: pixels.device);
        return pixels.index_select(2, places).index_select(3, places);
    }

    private static Tensor Matrix(float[] numbers, Device device) => tensor(numbers, [3, 3], device: device);

    /// <summary>The DCT of a block, row by row, as one 64 x 64 matrix: the product of the transforms of its sides; orthonormal.</summary>
    private static float[] CreateTransform()
    {
        static double Side(int frequency, int place) =>
            Math.Sqrt((frequency == 0 ? 1.0 : 2.0) / Block) * Math.Cos((2 * place + 1) * frequency * Math.PI / (2 * Block));
        var transform = new float[64 * 64];
        for (var i = 0; i < transform.Length; i++)
        {
            var (frequency, place) = (i / 64, i % 64);
            transform[i] = (float)(Side(frequency / Block, place / Block) * Side(frequency % Block, place % Block));
        }

        return transform;
    }
}
