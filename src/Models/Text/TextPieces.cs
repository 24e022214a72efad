using System.Globalization;
using System.Text;

namespace Sightline.Models.Text;

/// <summary>
/// Splits a cleaned text as CLIP's pattern does: contractions, runs of letters, single numbers, runs of anything else but white space.
/// Works on code points: .NET's regular expressions see surrogate halves where the original sees letters.
/// </summary>
internal static class TextPieces
{
    private static readonly string[] Contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    private enum Kind
    {
        Space,
        Letter,
        Number,
        Other,
    }

    internal static IEnumerable<string> Split(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var length = PieceLength(text.AsSpan(at), out var kind);
            if (kind != Kind.Space)
            {
                yield return text.Substring(at, length);
            }

            at += length;
        }
    }

    private static int PieceLength(ReadOnlySpan<char> rest, out Kind kind)
    {
        foreach (var contraction in Contractions)
        {
            if (rest.StartsWith(contraction, StringComparison.Ordinal))
            {
                kind = Kind.Letter;
                return contraction.Length;
            }
        }

        Rune.DecodeFromUtf16(rest, out var first, out var length);
        kind = KindOf(first);
        while (kind != Kind.Number && length < rest.Length)
        {
            Rune.DecodeFromUtf16(rest[length..], out var next, out var nextLength);
            if (KindOf(next) != kind)
            {
                break;
            }

            length += nextLength;
        }

        return length;
    }

    private static Kind KindOf(Rune rune) => Rune.IsWhiteSpace(rune)
        ? Kind.Space
        : Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Kind.Other,
        };
}
