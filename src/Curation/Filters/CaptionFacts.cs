using System.Globalization;
using System.Text;

namespace Sightline.Curation;

/// <summary>What is counted of a caption in one pass, for all filters that ask. Counts are of Unicode code points unless said otherwise.</summary>
/// <param name="Characters">All of them, after trimming white space at both ends.</param>
/// <param name="Words">Runs without white space that hold a letter, a digit or a symbol; in scripts that set no spaces (Han, Kana, Thai, Lao,
/// Khmer, Burmese), each character counts as a word.</param>
/// <param name="Letters">Of any script.</param>
/// <param name="Capitals">Upper-case letters.</param>
/// <param name="Cased">Letters of scripts that have cases.</param>
/// <param name="Digits">Decimal digits of any script.</param>
/// <param name="Symbols">Pictographs and other symbols, emoji among them.</param>
/// <param name="Invalid">Bytes that are no UTF-8, and control characters.</param>
/// <param name="LongestRun">How often one character repeats without a break, white space and digits not counted.</param>
public readonly record struct CaptionFacts(
    int Characters, int Words, int Letters, int Capitals, int Cased, int Digits, int Symbols, int Invalid, int LongestRun)
{
    public static CaptionFacts Of(ReadOnlySpan<byte> caption)
    {
        var rest = caption.Trim(" \t\r\n\v\f"u8);
        int characters = 0, words = 0, letters = 0, capitals = 0, cased = 0, digits = 0, symbols = 0, invalid = 0, longest = 0, run = 0;
        var inWord = false;
        var before = default(Rune);
        while (!rest.IsEmpty)
        {
            Rune rune;
            if (rest[0] < 0x80)
            {
                rune = new Rune(rest[0]);
                rest = rest[1..];
            }
            else
            {
                if (Rune.DecodeFromUtf8(rest, out rune, out var length) != System.Buffers.OperationStatus.Done)
                {
                    invalid++;
                }

                rest = rest[length..];
            }

            characters++;
            var category = Rune.GetUnicodeCategory(rune);
            run = rune == before && category is not UnicodeCategory.DecimalDigitNumber && !Rune.IsWhiteSpace(rune) ? run + 1 : 1;
            longest = Math.Max(longest, run);
            before = rune;
            var counts = true;
            switch (category)
            {
                case UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter:
                    (letters, capitals, cased) = (letters + 1, capitals + 1, cased + 1);
                    break;
                case UnicodeCategory.LowercaseLetter:
                    (letters, cased) = (letters + 1, cased + 1);
                    break;
                case UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter:
                    letters++;
                    break;
                case UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber:
                    digits++;
                    break;
                case UnicodeCategory.OtherSymbol or UnicodeCategory.PrivateUse:
                    symbols++;
                    break;
                case UnicodeCategory.Control when !Rune.IsWhiteSpace(rune):
                    invalid++;
                    counts = false;
                    break;
                default:
                    // Punctuation, marks and joiners lengthen a word but make none.
                    counts = false;
                    break;
            }

            if (Rune.IsWhiteSpace(rune))
            {
                inWord = false;
            }
            else if (counts && IsUnspaced(rune.Value))
            {
                words++;
                inWord = false;
            }
            else if (counts && !inWord)
            {
                words++;
                inWord = true;
            }
        }

        return new CaptionFacts(characters, words, letters, capitals, cased, digits, symbols, invalid, longest);
    }

    // Scripts that set no spaces between words.
    private static bool IsUnspaced(int value) => value >= 0x0E00 && (
        value is (>= 0x0E00 and <= 0x0EFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF)
            or (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF));
}
