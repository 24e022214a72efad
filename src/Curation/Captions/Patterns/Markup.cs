using System.Collections.Frozen;
using System.Text;

namespace Sightline.Curation;

/// <summary>Finds HTML tags and entities, BBCode, wiki and Markdown links, and template braces.</summary>
internal static class Markup
{
    private const int LongestTag = 512;

    private static readonly FrozenSet<string> BoardCodes = new[]
    {
        "b", "i", "u", "s", "url", "img", "quote", "code", "color", "size", "font", "center", "list", "caption", "gallery", "embed", "video",
        "youtube", "email", "spoiler", "left", "right",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> BoardCodesBySpan =
        BoardCodes.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <param name="text">Folded, see <see cref="Bytes"/>.</param>
    internal static void Find(ReadOnlySpan<byte> text, ref MarkedBytes marked)
    {
        for (var at = 0; at < text.Length; at++)
        {
            var end = text[at] switch
            {
                (byte)'<' => AfterTag(text, at),
                (byte)'&' => AfterEntity(text, at),
                (byte)'[' => AfterBracket(text, at),
                (byte)']' => Bytes.StartsWith(text, at, "]("u8) ? AfterClosing(text, at + 2, (byte)')') : -1,
                (byte)'{' => AfterBrace(text, at),
                (byte)'}' => Bytes.StartsWith(text, at, "}}"u8) ? at + 2 : -1,
                _ => -1,
            };
            if (end > at)
            {
                marked.Add(CaptionMarks.Markup, at, end);
                at = end - 1;
            }
        }
    }

    // <b>, </b>, <a href="x">, <br/>, <!-- -->; "<3" and "a < b" are none.
    private static int AfterTag(ReadOnlySpan<byte> text, int at)
    {
        if (Bytes.StartsWith(text, at, "<!--"u8))
        {
            return at + 4;
        }

        var name = Bytes.StartsWith(text, at, "</"u8) ? at + 2 : at + 1;
        var end = name;
        while (end < text.Length && (text[end] is >= (byte)'a' and <= (byte)'z' || Bytes.IsDigit(text[end]) || text[end] is (byte)'_' or (byte)'-'))
        {
            end++;
        }

        if (end == name || end >= text.Length || Bytes.IsDigit(text[name]) || !(Bytes.IsBlank(text[end]) || text[end] is (byte)'>' or (byte)'/'))
        {
            return -1;
        }

        var stop = text[end..Math.Min(text.Length, end + LongestTag)].IndexOfAny((byte)'<', (byte)'>');
        return stop >= 0 && text[end + stop] == (byte)'>' ? end + stop + 1 : -1;
    }

    // &amp; &#39; &#x2F; and, without their semicolon, &amp &quot &nbsp.
    private static int AfterEntity(ReadOnlySpan<byte> text, int at)
    {
        const int LongestName = 32;
        var isNumber = Bytes.StartsWith(text, at, "&#"u8);
        var start = isNumber ? at + 2 : at + 1;
        var end = start;
        while (end < text.Length && end - start < LongestName && text[end] < 0x80 && Bytes.IsWord(text[end]))
        {
            end++;
        }

        var name = text[start..end];
        var isShort = name.SequenceEqual("amp"u8) || name.SequenceEqual("quot"u8) || name.SequenceEqual("nbsp"u8);
        var isClosed = Bytes.StartsWith(text, end, ";"u8);
        var known = isNumber ? name.Length > 0 && (Bytes.IsDigit(name[0]) || name[0] == (byte)'x') : name.Length > 1 && !Bytes.IsDigit(name[0]);
        return known && isClosed ? end + 1 : isShort && !isNumber ? end : -1;
    }

    // [[link]], [b], [/b], [url=x], [text](x).
    private static int AfterBracket(ReadOnlySpan<byte> text, int at)
    {
        if (Bytes.StartsWith(text, at, "[["u8))
        {
            return AfterPair(text, at + 2, "]]"u8);
        }

        var isEnd = Bytes.StartsWith(text, at, "[/"u8);
        var start = isEnd ? at + 2 : at + 1;
        var end = start;
        while (end < text.Length && text[end] is >= (byte)'a' and <= (byte)'z')
        {
            end++;
        }

        var follows = end < text.Length ? text[end] : (byte)0;
        if (follows is (byte)']' or (byte)'=' || (follows == (byte)' ' && text[end..].IndexOf((byte)'=') is > 0 and < 32))
        {
            return (isEnd && follows == (byte)']') || IsBoardCode(text[start..end]) ? AfterClosing(text, end, (byte)']') : -1;
        }

        return -1;
    }

    private static bool IsBoardCode(ReadOnlySpan<byte> name)
    {
        Span<char> letters = stackalloc char[8];
        return name.Length is > 0 and <= 8 && BoardCodesBySpan.Contains(letters[..Encoding.ASCII.GetChars(name, letters)]);
    }

    // {{template}}, {% tag %}, {0}, {name}.
    private static int AfterBrace(ReadOnlySpan<byte> text, int at)
    {
        if (Bytes.StartsWith(text, at, "{{"u8))
        {
            return AfterPair(text, at + 2, "}}"u8);
        }

        if (Bytes.StartsWith(text, at, "{%"u8))
        {
            return AfterPair(text, at + 2, "%}"u8);
        }

        var end = at + 1;
        while (end < text.Length && ((Bytes.IsWord(text[end]) && text[end] < 0x80) || text[end] is (byte)'_' or (byte)'.'))
        {
            end++;
        }

        return end > at + 1 && Bytes.StartsWith(text, end, "}"u8) ? end + 1 : -1;
    }

    // What is never closed is the opening pair alone.
    private static int AfterPair(ReadOnlySpan<byte> text, int at, ReadOnlySpan<byte> closing)
    {
        var end = text[at..Math.Min(text.Length, at + LongestTag)].IndexOf(closing);
        return end < 0 ? at : at + end + closing.Length;
    }

    private static int AfterClosing(ReadOnlySpan<byte> text, int at, byte closing)
    {
        var end = text[at..Math.Min(text.Length, at + LongestTag)].IndexOf(closing);
        return end < 0 ? -1 : at + end + 1;
    }
}
