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
    /// <param name="luma">width x height bytes, at most 256 a side.</param>
    /// <param name="square">side x side means, row by row.</param>
    internal static void ToSquare(ReadOnlySpan<byte> luma, int width, int height, int side, Span<double> square)
    {
        Span<int> sums = stackalloc int[width];
        for (var y = 0; y < side; y++)
        {
            sums.Clear();
            int top = y * height, bottom = top + height;
            for (var row = top / side; row * side < bottom; row++)
            {
                var share = Math.Min(bottom, (row + 1) * side) - Math.Max(top, row * side);
                var from = luma.Slice(row * width, width);
                for (var x = 0; x < from.Length; x++)
                {
                    sums[x] += from[x] * share;
                }
            }

            var left = 0;
            for (var x = 0; x < side; x++)
            {
                long sum = 0;
                var right = left + width;
                for (var column = left / side; column * side < right; column++)
                {
                    sum += (long)sums[column] * (Math.Min(right, (column + 1) * side) - Math.Max(left, column * side));
                }

                square[(y * side) + x] = sum / ((double)width * height);
                left = right;
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
        var to = (ulong)luma.Length;
        var (at, left) = (0, to);
        for (var x = 0; x < luma.Length; x++)
        {
            // What is left of the column that the pixel before ended in, whole columns, and a part of the last.
            var rest = (ulong)from;
            var share = Math.Min(rest, left);
            ulong red = sums[at] * share, green = sums[at + 1] * share, blue = sums[at + 2] * share;
            rest -= share;
            left -= share;
            ulong wholeRed = 0, wholeGreen = 0, wholeBlue = 0;
            while (left == 0 && rest >= to)
            {
                at += 3;
                wholeRed += sums[at];
                wholeGreen += sums[at + 1];
                wholeBlue += sums[at + 2];
                rest -= to;
            }

            if (rest > 0)
            {
                at += 3;
                red += sums[at] * rest;
                green += sums[at + 1] * rest;
                blue += sums[at + 2] * rest;
                left = to - rest;
            }
            else if (left == 0 && x < luma.Length - 1)
            {
                at += 3;
                left = to;
            }

            var sum = (((wholeRed * to) + red) * Red) + (((wholeGreen * to) + green) * Green) + (((wholeBlue * to) + blue) * Blue);
            luma[x] = (byte)((sum + (total / 2)) / total);
        }
    }
}
