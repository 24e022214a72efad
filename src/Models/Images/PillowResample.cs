using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Sightline.Models.Images;

/// <summary>
/// Resizes as Pillow does, to the bit (Resample.c): two passes, across and then down, each over integer weights of 22 fractional bits and
/// rounded to a byte, so that embeddings agree with models trained on Pillow's pixels. An axis that keeps its size is not filtered.
/// </summary>
public static class PillowResample
{
    private const int Rounding = 1 << (ResampleWeights.PrecisionBits - 1);

    /// <summary>Resizes a whole picture.</summary>
    public static RgbImage Resize(RgbImage source, int width, int height, ResampleFilter filter) =>
        ResizeAndCrop(source, width, height, new CropBox(0, 0, width, height), filter);

    /// <summary>The part <paramref name="crop"/> of the picture resized to width x height; only what that part needs is computed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The crop is empty or reaches outside width x height.</exception>
    public static RgbImage ResizeAndCrop(RgbImage source, int width, int height, CropBox crop, ResampleFilter filter)
    {
        if (crop.Left < 0 || crop.Top < 0 || crop.Width <= 0 || crop.Height <= 0
            || crop.Left > width - crop.Width || crop.Top > height - crop.Height)
        {
            throw new ArgumentOutOfRangeException(nameof(crop), crop, $"The crop is not inside {width} x {height}.");
        }

        var down = height == source.Height ? null : ResampleWeights.Create(source.Height, height, crop.Top, crop.Height, filter);
        var firstRow = down?.FirstSource ?? crop.Top;
        var rows = (down?.EndSource ?? crop.Top + crop.Height) - firstRow;
        var across = width == source.Width ? null : ResampleWeights.Create(source.Width, width, crop.Left, crop.Width, filter);
        var rowBytes = crop.Width * 3;
        var result = new byte[rowBytes * crop.Height];
        if (down is null)
        {
            Across(source, across, crop.Left, firstRow, rows, result, rowBytes);
            return new RgbImage(crop.Width, crop.Height, result);
        }

        var rented = ArrayPool<byte>.Shared.Rent(rowBytes * rows);
        Across(source, across, crop.Left, firstRow, rows, rented, rowBytes);
        Down(rented, down, firstRow, rowBytes, result);
        ArrayPool<byte>.Shared.Return(rented);
        return new RgbImage(crop.Width, crop.Height, result);
    }

    /// <summary>
    /// Filters rows across, two at a time: their pixels are widened once to 32-bit lanes (R G B 0 of one row, then of the other), since
    /// each
    /// is used by about four outputs, and every tap is then one multiply-add for both.
    /// </summary>
    private static void Across(RgbImage source, ResampleWeights? weights, int left, int firstRow, int rows, byte[] result, int rowBytes)
    {
        if (weights is null)
        {
            for (var y = 0; y < rows; y++)
            {
                Row(source, firstRow + y).Slice(left * 3, rowBytes).CopyTo(result.AsSpan(y * rowBytes));
            }

            return;
        }

        var from = weights.FirstSource;
        var lanes = ArrayPool<int>.Shared.Rent((weights.EndSource - from) * 8);
        for (var y = 0; y < rows; y += 2)
        {
            var other = Math.Min(y + 1, rows - 1);
            Widen(Row(source, firstRow + y)[(from * 3)..], Row(source, firstRow + other)[(from * 3)..], lanes, weights.EndSource - from);
            FilterPair(lanes, weights, from, result.AsSpan(y * rowBytes, rowBytes), result.AsSpan(other * rowBytes, rowBytes));
        }

        ArrayPool<int>.Shared.Return(lanes);
    }

    private static ReadOnlySpan<byte> Row(RgbImage image, int y) => image.Pixels.AsSpan(y * image.Width * 3, image.Width * 3);

    private static void Widen(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<int> lanes, int pixels)
    {
        lanes = lanes[..(pixels * 8)];
        for (int at = 0, from = 0; at < lanes.Length; at += 8, from += 3)
        {
            lanes[at] = first[from];
            lanes[at + 1] = first[from + 1];
            lanes[at + 2] = first[from + 2];
            lanes[at + 4] = second[from];
            lanes[at + 5] = second[from + 1];
            lanes[at + 6] = second[from + 2];
        }
    }

    private static void FilterPair(int[] lanes, ResampleWeights weights, int origin, Span<byte> first, Span<byte> second)
    {
        for (var x = 0; x < weights.Outputs; x++)
        {
            var taps = weights.Of(x, out var start);
            ref var pixel = ref lanes[(start - origin) * 8];
            var sum = Vector256.Create(Rounding);
            for (var i = 0; i < taps.Length; i++)
            {
                sum += Vector256.LoadUnsafe(ref pixel, (nuint)(i * 8)) * taps[i];
            }

            var bytes = ToByteRange(sum);
            Store(bytes.GetLower(), first[(x * 3)..]);
            Store(bytes.GetUpper(), second[(x * 3)..]);
        }
    }

    private static void Store(Vector128<int> pixel, Span<byte> to)
    {
        to[2] = (byte)pixel[2];
        to[1] = (byte)pixel[1];
        to[0] = (byte)pixel[0];
    }

    /// <summary>Filters down: each output row is a weighted sum of whole rows, eight bytes at a time and the rest one by one.</summary>
    private static void Down(byte[] rows, ResampleWeights weights, int firstRow, int rowBytes, byte[] result)
    {
        var whole = rowBytes / 8 * 8;
        for (var y = 0; y < weights.Outputs; y++)
        {
            var taps = weights.Of(y, out var start);
            var source = rows.AsSpan((start - firstRow) * rowBytes, taps.Length * rowBytes);
            var target = result.AsSpan(y * rowBytes, rowBytes);
            for (var x = 0; x < whole; x += 8)
            {
                SumEight(source[x..], taps, rowBytes, target[x..]);
            }

            for (var x = whole; x < rowBytes; x++)
            {
                target[x] = SumOne(source[x..], taps, rowBytes);
            }
        }
    }

    private static void SumEight(ReadOnlySpan<byte> source, ReadOnlySpan<int> taps, int rowBytes, Span<byte> target)
    {
        ref var from = ref MemoryMarshal.GetReference(source);
        var sum = Vector256.Create(Rounding);
        for (var i = 0; i < taps.Length; i++)
        {
            sum += WidenEight(ref Unsafe.Add(ref from, i * rowBytes)) * taps[i];
        }

        var bytes = ToByteRange(sum);
        var shorts = Vector128.Narrow(bytes.GetLower(), bytes.GetUpper());
        Vector64.Narrow(shorts.GetLower().AsUInt16(), shorts.GetUpper().AsUInt16()).StoreUnsafe(ref target[0]);
    }

    private static byte SumOne(ReadOnlySpan<byte> source, ReadOnlySpan<int> taps, int rowBytes)
    {
        var sum = Rounding;
        for (var i = 0; i < taps.Length; i++)
        {
            sum += source[i * rowBytes] * taps[i];
        }

        return (byte)Math.Clamp(sum >> ResampleWeights.PrecisionBits, 0, 255);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<int> WidenEight(ref byte bytes)
    {
        var eight = Vector64.LoadUnsafe(ref bytes);
        if (Avx2.IsSupported)
        {
            return Avx2.ConvertToVector256Int32(eight.ToVector128Unsafe());
        }

        var (low, high) = Vector128.Widen(Vector128.WidenLower(eight.ToVector128Unsafe()));
        return Vector256.Create(low, high).AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> ToByteRange(Vector256<int> sum) =>
        Vector256.Min(Vector256.Max(sum >> ResampleWeights.PrecisionBits, Vector256<int>.Zero), Vector256.Create(255));
}
