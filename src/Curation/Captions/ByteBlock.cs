using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sightline.Curation;

/// <summary>64 bytes of a text, asked all at once: answers have a bit for each byte, the first one lowest.</summary>
internal readonly struct ByteBlock
{
    internal const int Size = 64;

    private readonly Vector256<byte> _first;
    private readonly Vector256<byte> _second;

    /// <param name="text">Holds <see cref="Size"/> bytes from <paramref name="at"/> on.</param>
    /// <param name="at">First byte.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ByteBlock(ReadOnlySpan<byte> text, int at)
    {
        ref var start = ref MemoryMarshal.GetReference(text.Slice(at, Size));
        _first = Vector256.LoadUnsafe(ref start);
        _second = Vector256.LoadUnsafe(ref start, 32);
    }

    /// <summary>The length of a buffer that holds so many bytes in whole blocks.</summary>
    internal static int Whole(int bytes) => (bytes + Size - 1) & -Size;

    /// <param name="low">Lowest value, included.</param>
    /// <param name="high">Highest value, included.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong InRange(byte low, byte high)
    {
        var (from, span) = (Vector256.Create(low), Vector256.Create((byte)(high - low)));
        return Bits(Vector256.LessThanOrEqual(_first - from, span), Vector256.LessThanOrEqual(_second - from, span));
    }

    /// <summary>ASCII letters of both cases.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong Letters()
    {
        var (bit, from, span) = (Vector256.Create((byte)0x20), Vector256.Create((byte)'a'), Vector256.Create((byte)('z' - 'a')));
        return Bits(Vector256.LessThanOrEqual((_first | bit) - from, span), Vector256.LessThanOrEqual((_second | bit) - from, span));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong EqualTo(in ByteBlock other) => Bits(Vector256.Equals(_first, other._first), Vector256.Equals(_second, other._second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Bits(Vector256<byte> first, Vector256<byte> second) =>
        first.ExtractMostSignificantBits() | (ulong)second.ExtractMostSignificantBits() << 32;
}
