using System.Runtime.CompilerServices;

namespace Sightline.Curation;

/// <summary>What a byte of UTF-8 can be part of.</summary>
[Flags]
internal enum ByteKinds : ushort
{
    None = 0,

    /// <summary>Letters, digits and marks.</summary>
    Word = 1,

    Digit = 2,
    At = 4,
    Hash = 8,
    Dot = 16,

    /// <summary>What tags, entities, links and templates begin with.</summary>
    Markup = 32,

    Underscore = 64,
    Slash = 128,

    Blank = 256,

    /// <summary>The sign ©.</summary>
    Copyright = 512,

    /// <summary>Of two neighbours: a dot before a word.</summary>
    InnerDot = 1024,
}

/// <summary>
/// Steps through the bytes of a folded text: UTF-8 in lower case, where three bytes that UTF-8 never has stand for characters that are no
/// part of a word, as many bytes as they had.
/// </summary>
internal static class Bytes
{
    /// <summary>The first byte of a character beyond ASCII that is neither letter, mark nor number.</summary>
    internal const byte Separator = 0xFD;

    /// <summary>The first byte of the sign ©.</summary>
    internal const byte Copyright = 0xFE;

    /// <summary>Any other byte of these.</summary>
    internal const byte Continued = 0xFF;

    /// <summary>The first byte of the characters U+3000 to U+9FFF lies from here on: words begin at each, no blank before them.</summary>
    internal const byte FirstUnspaced = 0xE3;

    /// <inheritdoc cref="FirstUnspaced"/>
    internal const byte LastUnspaced = 0xE9;

    private static readonly ByteKinds[] Kinds = [.. Enumerable.Range(0, 256).Select(value => (char)value switch
    {
        >= '0' and <= '9' => ByteKinds.Word | ByteKinds.Digit,
        >= 'a' and <= 'z' or >= 'A' and <= 'Z' => ByteKinds.Word,
        '@' => ByteKinds.At,
        '#' => ByteKinds.Hash,
        '.' => ByteKinds.Dot,
        '<' or '&' or '[' or ']' or '{' or '}' => ByteKinds.Markup,
        '_' => ByteKinds.Underscore,
        '/' => ByteKinds.Slash,
        ' ' or '\t' or '\r' or '\n' or '\v' or '\f' => ByteKinds.Blank,
        '\xfd' or '\xff' => ByteKinds.Blank,
        '\xfe' => ByteKinds.Copyright,
        >= '\x80' => ByteKinds.Word,
        _ => ByteKinds.None,
    })];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ByteKinds KindsOf(byte value) => Kinds[value];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool HasAny(this ByteKinds kinds, ByteKinds any) => (kinds & any) != 0;

    internal static bool IsWord(byte value) => Kinds[value].HasAny(ByteKinds.Word);

    internal static bool IsBlank(byte value) => Kinds[value].HasAny(ByteKinds.Blank);

    internal static bool IsDigit(byte value) => value is >= (byte)'0' and <= (byte)'9';

    internal static bool IsLetter(byte value) => value is >= (byte)'a' and <= (byte)'z' or (>= 0x80 and < Separator);

    /// <summary>Whether a word may begin or end between the byte before a place and the one at it.</summary>
    internal static bool IsEdge(ReadOnlySpan<byte> text, int at) =>
        at <= 0 || at >= text.Length || !IsWord(text[at - 1]) || !IsWord(text[at]);

    /// <summary>The first place from here on that is no digit.</summary>
    internal static int AfterDigits(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && IsDigit(text[at]))
        {
            at++;
        }

        return at;
    }

    /// <summary>The first place from here on that is no part of a word.</summary>
    internal static int AfterWord(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && IsWord(text[at]))
        {
            at++;
        }

        return at;
    }

    /// <summary>The first place from here on that is no blank.</summary>
    internal static int AfterBlanks(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && IsBlank(text[at]))
        {
            at++;
        }

        return at;
    }

    /// <summary>The end of the run without blanks that begins here.</summary>
    internal static int AfterToken(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && !IsBlank(text[at]))
        {
            at++;
        }

        return at;
    }

    internal static bool StartsWith(ReadOnlySpan<byte> text, int at, ReadOnlySpan<byte> part) =>
        at >= 0 && at <= text.Length - part.Length && text.Slice(at, part.Length).SequenceEqual(part);
}
