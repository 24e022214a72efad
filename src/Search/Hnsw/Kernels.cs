using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Sightline.Search;

/// <summary>
/// The inner products that a search spends its time on. Codes are bytes with an offset of 128, lengths multiples of
/// <see cref="Block"/>. The instruction set is chosen when the method is compiled: no branch is left in the loop.
/// </summary>
internal static unsafe class Kernels
{
    /// <summary>Walk codes are padded to a multiple of this many bytes: a cache line.</summary>
    internal const int Block = 64;

    /// <summary>Sum of (code - 128) * query.</summary>
    /// <param name="querySum">Sum of the query's components, which the offset is corrected by.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Dot(byte* code, sbyte* query, int querySum, int length)
    {
        if (AvxVnni.IsSupported)
        {
            return DotAvxVnni(code, query, length) - 128 * querySum;
        }

        if (Avx512BW.IsSupported)
        {
            return DotAvx512(code, query, length) - 128 * querySum;
        }

        if (Avx2.IsSupported)
        {
            return DotAvx2(code, query, length) - 128 * querySum;
        }

        return Dp.IsSupported ? DotNeon(code, query, length) : DotPortable(code, query, length);
    }

    /// <summary>Sum of (a - 128) * (b - 128).</summary>
    /// <param name="bSum">Sum of b - 128.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int DotCodes(byte* a, byte* b, int bSum, int length)
    {
        if (AvxVnni.IsSupported)
        {
            return DotCodesAvxVnni(a, b, length) - 128 * bSum;
        }

        if (Avx2.IsSupported)
        {
            return DotCodesAvx2(a, b, length);
        }

        return Dp.IsSupported ? DotCodesNeon(a, b, length) : DotCodesPortable(a, b, length);
    }

    /// <summary>Sum of a * (b - 128).</summary>
    internal static int DotCodesAvxVnni(byte* a, byte* b, int length)
    {
        var flip = Vector256.Create((byte)0x80);
        var (even, odd) = (Vector256<int>.Zero, Vector256<int>.Zero);
        for (var i = 0; i < length; i += 64)
        {
            even = AvxVnni.MultiplyWideningAndAdd(even, Vector256.Load(a + i), (Vector256.Load(b + i) ^ flip).AsSByte());
            odd = AvxVnni.MultiplyWideningAndAdd(odd, Vector256.Load(a + i + 32), (Vector256.Load(b + i + 32) ^ flip).AsSByte());
        }

        return Vector256.Sum(even + odd);
    }

    internal static int DotCodesAvx2(byte* a, byte* b, int length)
    {
        var flip = Vector128.Create((byte)0x80);
        var sum = Vector256<int>.Zero;
        for (var i = 0; i < length; i += 16)
        {
            sum += Avx2.MultiplyAddAdjacent(
                Avx2.ConvertToVector256Int16((Vector128.Load(a + i) ^ flip).AsSByte()),
                Avx2.ConvertToVector256Int16((Vector128.Load(b + i) ^ flip).AsSByte()));
        }

        return Vector256.Sum(sum);
    }

    internal static int DotCodesNeon(byte* a, byte* b, int length)
    {
        var flip = Vector128.Create((byte)0x80);
        var sum = Vector128<int>.Zero;
        for (var i = 0; i < length; i += 16)
        {
            sum = Dp.DotProduct(sum, (Vector128.Load(a + i) ^ flip).AsSByte(), (Vector128.Load(b + i) ^ flip).AsSByte());
        }

        return Vector128.Sum(sum);
    }

    internal static int DotCodesPortable(byte* a, byte* b, int length)
    {
        var sum = 0;
        for (var i = 0; i < length; i++)
        {
            sum += (a[i] - 128) * (b[i] - 128);
        }

        return sum;
    }

    /// <summary>Sum of code * query, the code without its offset; VNNI multiplies unsigned by signed bytes as it is.</summary>
    internal static int DotAvxVnni(byte* code, sbyte* query, int length)
    {
        var (even, odd) = (Vector256<int>.Zero, Vector256<int>.Zero);
        for (var i = 0; i < length; i += 64)
        {
            even = AvxVnni.MultiplyWideningAndAdd(even, Vector256.Load(code + i), Vector256.Load(query + i));
            odd = AvxVnni.MultiplyWideningAndAdd(odd, Vector256.Load(code + i + 32), Vector256.Load(query + i + 32));
        }

        return Vector256.Sum(even + odd);
    }

    // vpmaddubsw would saturate (255 * 127 * 2 > 32767), so bytes are widened first.
    internal static int DotAvx512(byte* code, sbyte* query, int length)
    {
        var sum = Vector512<int>.Zero;
        for (var i = 0; i < length; i += 32)
        {
            sum += Avx512BW.MultiplyAddAdjacent(
                Avx512BW.ConvertToVector512Int16(Vector256.Load(code + i)), Avx512BW.ConvertToVector512Int16(Vector256.Load(query + i)));
        }

        return Vector512.Sum(sum);
    }

    internal static int DotAvx2(byte* code, sbyte* query, int length)
    {
        var sum = Vector256<int>.Zero;
        for (var i = 0; i < length; i += 16)
        {
            sum += Avx2.MultiplyAddAdjacent(
                Avx2.ConvertToVector256Int16(Vector128.Load(code + i)), Avx2.ConvertToVector256Int16(Vector128.Load(query + i)));
        }

        return Vector256.Sum(sum);
    }

    internal static int DotNeon(byte* code, sbyte* query, int length)
    {
        var flip = Vector128.Create((byte)0x80);
        var sum = Vector128<int>.Zero;
        for (var i = 0; i < length; i += 16)
        {
            sum = Dp.DotProduct(sum, (Vector128.Load(code + i) ^ flip).AsSByte(), Vector128.Load(query + i));
        }

        return Vector128.Sum(sum);
    }

    internal static int DotPortable(byte* code, sbyte* query, int length)
    {
        var sum = 0;
        for (var i = 0; i < length; i++)
        {
            sum += (code[i] - 128) * query[i];
        }

        return sum;
    }

    /// <summary>Sum of code * query for 16-bit codes.</summary>
    internal static float Dot(short* code, float* query, int length)
    {
        var (low, high) = (Vector256<float>.Zero, Vector256<float>.Zero);
        var i = 0;
        for (; i <= length - 16; i += 16)
        {
            var (first, second) = Vector256.Widen(Vector256.Load(code + i));
            low = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(first), Vector256.Load(query + i), low);
            high = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(second), Vector256.Load(query + i + 8), high);
        }

        var sum = Vector256.Sum(low + high);
        for (; i < length; i++)
        {
            sum += code[i] * query[i];
        }

        return sum;
    }

    /// <summary>Asks for the cache lines of a code that is scored soon.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Prefetch(void* start, int bytes)
    {
        if (Sse.IsSupported)
        {
            for (var i = 0; i < bytes; i += 64)
            {
                Sse.Prefetch0((byte*)start + i);
            }
        }
    }
}
