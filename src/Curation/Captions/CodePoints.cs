using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Sightline.Curation;

/// <summary>Reads UTF-8 as <see cref="Rune.DecodeFromUtf8"/> does, the sequences of two and three bytes that most letters take without a call.</summary>
internal static class CodePoints
{
    /// <param name="text">UTF-8; what is none is read as U+FFFD.</param>
    /// <param name="at">First byte of the character, within the text.</param>
    /// <param name="length">Bytes that it takes.</param>
    /// <param name="invalid">One more where the bytes are no UTF-8.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Read(ReadOnlySpan<byte> text, int at, out int length, ref int invalid)
    {
        int first = text[at];
        if (first < 0x80)
        {
            length = 1;
            return first;
        }

        if (first is >= 0xC2 and < 0xE0 && at + 1 < text.Length && (text[at + 1] & 0xC0) == 0x80)
        {
            length = 2;
            return (first & 0x1F) << 6 | (text[at + 1] & 0x3F);
        }

        if ((first & 0xF0) == 0xE0 && at + 2 < text.Length && (text[at + 1] & 0xC0) == 0x80 && (text[at + 2] & 0xC0) == 0x80)
        {
            var value = (first & 0xF) << 12 | (text[at + 1] & 0x3F) << 6 | (text[at + 2] & 0x3F);
            if (value >= 0x800 && !char.IsSurrogate((char)value))
            {
                length = 3;
                return value;
            }
        }

        return ReadAny(text[at..], out length, ref invalid);
    }

    /// <inheritdoc cref="Read(ReadOnlySpan{byte}, int, out int, ref int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Read(ReadOnlySpan<byte> text, int at, out int length)
    {
        var invalid = 0;
        return Read(text, at, out length, ref invalid);
    }

    private static int ReadAny(ReadOnlySpan<byte> text, out int length, ref int invalid)
    {
        invalid += Rune.DecodeFromUtf8(text, out var rune, out length) == OperationStatus.Done ? 0 : 1;
        return rune.Value;
    }
}
