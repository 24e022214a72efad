using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sightline.Models.Images;

/// <summary>
/// Resizes by area averaging: each pixel becomes the mean of what lies under it, parts of pixels by their share. Shares are whole
/// numbers: of an axis that goes from n pixels to m, a new pixel covers n of the old ones' m-th parts.
/// </summary>
internal static class AreaAverage
{
    // BT.601 in 16 fractional bits, as Pillow's convert("L") has it.
    private const ulong Red = 19595;
    private const ulong Green = 38470;
    private const ulong Blue = 7471;

    /// <summary>The size with the longer side shrunk to <paramref name="most"/>; a picture that fits keeps its own.</summary>
    internal static (int Width, int Height) Fit(int width, int height, int most)
    {
        var longer = Math.Max(width, height);
        return longer <= most ? (width, height) : (Scale(width), Scale(height));

        int Scale(int side) => (int)Math.Max(1, ((2L * side * most) + longer) / (2L * longer));
    }

    /// <summary>Luma of a picture shrunk to a size, rounded once.</summary>
    /// <param name="height">At most 256 and the picture's.</param>
    /// <param name="luma">width x height bytes.</param>
    internal static void ShrinkToLuma(RgbImage image, int width, int height, Span<byte> luma)
    {
        var rowBytes = image.Width * 3;
        var rented = ArrayPool<uint>.Shared.Rent(rowBytes);
        var sums = rented.AsSpan(0, rowBytes);
        for (var y = 0; y < height; y++)
        {
            sums.Clear();
            long top = (long)y * image.Height, bottom = top + image.Height;
            for (var row = (int)(top / height); (long)row * height < bottom; row++)
            {
                var share = Math.Min(bottom, (row + 1L) * height) - Math.Max(top, (long)row * height);
                AddRow(image.Pixels.AsSpan(row * rowBytes, rowBytes), (ushort)share, sums);
            }

            Across(sums, image.Width, (ulong)image.Width * (ulong)image.Height << 16, luma.Slice(y * width, width));
        }

        ArrayPool<uint>.Shared.Return(rented);
    }

    /// <summary>A grey picture resized, up or down, to a square.</summary>
    /// <param name="square">side x side means, row by row.</param>
    internal static void ToSquare(ReadOnlySpan<byte> luma, int width, int height, int side, Span<double> square)
    {
        square.Clear();
        for (var y = 0; y < height; y++)
        {
            for (var row = y * side / height; row < side && row * height < (y + 1) * side; row++)
            {
                var down = Math.Min((row + 1) * height, (y + 1) * side) - Math.Max(row * height, y * side);
                AddAcross(luma.Slice(y * width, width), down, square.Slice(row * side, side));
            }
        }

        foreach (ref var sum in square)
        {
            sum /= (double)width * height;
        }
    }

    private static void AddAcross(ReadOnlySpan<byte> row, int down, Span<double> sums)
    {
        var (width, side) = (row.Length, sums.Length);
        for (var x = 0; x < width; x++)
        {
            for (var column = x * side / width; column < side && column * width < (x + 1) * side; column++)
            {
                var across = Math.Min((column + 1) * width, (x + 1) * side) - Math.Max(column * width, x * side);
                sums[column] += row[x] * across * down;
            }
        }
    }

    private static void AddRow(ReadOnlySpan<byte> row, ushort share, Span<uint> sums)
    {
        ref var from = ref MemoryMarshal.GetReference(row);
        ref var to = ref MemoryMarshal.GetReference(sums);
        var x = 0;
        for (; x <= row.Length - 16; x += 16)
        {
            // 255 x 256 still fits into 16 bits.
            var (low, high) = Vector128.Widen(Vector128.LoadUnsafe(ref from, (nuint)x));
            var (first, second) = Vector128.Widen(low * share);
            var (third, fourth) = Vector128.Widen(high * share);
            (Vector128.LoadUnsafe(ref to, (nuint)x) + first).StoreUnsafe(ref to, (nuint)x);
            (Vector128.LoadUnsafe(ref to, (nuint)x + 4) + second).StoreUnsafe(ref to, (nuint)x + 4);
            (Vector128.LoadUnsafe(ref to, (nuint)x + 8) + third).StoreUnsafe(ref to, (nuint)x + 8);
            (Vector128.LoadUnsafe(ref to, (nuint)x + 12) + fourth).StoreUnsafe(ref to, (nuint)x + 12);
        }

        for (; x < row.Length; x++)
        {
            sums[x] += (uint)row[x] * share;
        }
    }

    // Sums of RGB to luma; total is what white sums to, over 255.
    private static void Across(ReadOnlySpan<uint> sums, int from, ulong total, Span<byte> luma)
    {
        var to = luma.Length;
        for (var x = 0; x < to; x++)
        {
            long left = (long)x * from, right = left + from;
            ulong red = 0, green = 0, blue = 0;
            for (var column = (int)(left / to); (long)column * to < right; column++)
            {
                var share = (ulong)(Math.Min(right, (column + 1L) * to) - Math.Max(left, (long)column * to));
                red += sums[column * 3] * share;
                green += sums[(column * 3) + 1] * share;
                blue += sums[(column * 3) + 2] * share;
            }

            luma[x] = (byte)(((red * Red) + (green * Green) + (blue * Blue) + (total / 2)) / total);
        }
    }
}
