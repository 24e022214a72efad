using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sightline.Curation.Languages;

/// <summary>What is asked of many scores at once; none is NaN.</summary>
internal static class ScoreVectors
{
    private static readonly int Width = Vector256<float>.Count;

    /// <summary>The greatest.</summary>
    internal static float Max(ReadOnlySpan<float> values)
    {
        var most = float.NegativeInfinity;
        var i = 0;
        if (values.Length >= Width)
        {
            ref var first = ref MemoryMarshal.GetReference(values);
            var eight = Vector256.LoadUnsafe(ref first);
            for (i = Width; i + Width <= values.Length; i += Width)
            {
                eight = Vector256.MaxNative(eight, Vector256.LoadUnsafe(ref first, (nuint)i));
            }

            var four = Vector128.MaxNative(eight.GetLower(), eight.GetUpper());
            four = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
            most = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2))).ToScalar();
        }

        for (; i < values.Length; i++)
        {
            most = values[i] > most ? values[i] : most;
        }

        return most;
    }

    /// <summary>The place of the greatest, the first of equals.</summary>
    /// <param name="values">Whole vectors of eight.</param>
    internal static int IndexOfMax(ReadOnlySpan<float> values)
    {
        Debug.Assert(values.Length > 0 && values.Length % Width == 0);
        var most = Vector256.Create(Max(values));
        ref var first = ref MemoryMarshal.GetReference(values);
        for (var i = 0; i < values.Length; i += Width)
        {
            var equal = Vector256.Equals(Vector256.LoadUnsafe(ref first, (nuint)i), most).ExtractMostSignificantBits();
            if (equal != 0)
            {
                return i + BitOperations.TrailingZeroCount(equal);
            }
        }

        throw new UnreachableException("The greatest is among them.");
    }

    /// <summary>The sum of the exponentials of the values less another.</summary>
    /// <param name="values">Whole vectors of eight.</param>
    internal static float SumOfExp(ReadOnlySpan<float> values, float less)
    {
        Debug.Assert(values.Length % Width == 0);
        ref var first = ref MemoryMarshal.GetReference(values);
        var total = Vector256<float>.Zero;
        for (var i = 0; i < values.Length; i += Width)
        {
            total += Vector256.Exp(Vector256.LoadUnsafe(ref first, (nuint)i) - Vector256.Create(less));
        }

        return Vector256.Sum(total);
    }
}
