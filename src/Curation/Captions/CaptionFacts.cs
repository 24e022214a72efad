using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Sightline.Curation;

/// <summary>
/// What is counted of a caption, once, for all filters that ask; stored as it lies in memory, little-endian. Counts are of Unicode code
/// points unless said otherwise.
/// </summary>
/// <remarks>A change of this layout or of what a field means raises <see cref="Version"/>.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct CaptionFacts
{
    public const int Version = 1;

    /// <summary>Of the caption in lower case without its punctuation, see <see cref="CaptionHash"/>: equal captions have equal hashes.</summary>
    public ulong Hash { get; init; }

    /// <summary>All of them, after trimming white space at both ends.</summary>
    public int Characters { get; init; }

    /// <summary>Runs without white space that hold a letter, a digit or a symbol; in scripts that set no spaces (Han, Kana, Thai, Lao,
    /// Khmer, Burmese), each character counts as a word.</summary>
    public int Words { get; init; }

    /// <summary>Of any script.</summary>
    public int Letters { get; init; }

    /// <summary>Upper-case letters.</summary>
    public int Capitals { get; init; }

    /// <summary>Letters of scripts that have cases.</summary>
    public int Cased { get; init; }

    /// <summary>Decimal digits of any script.</summary>
    public int Digits { get; init; }

    /// <summary>Pictographs and other symbols, emoji among them.</summary>
    public int Symbols { get; init; }

    /// <summary>Bytes that are no UTF-8, and control characters.</summary>
    public int Invalid { get; init; }

    /// <summary>How often one character repeats without a break, white space and digits not counted.</summary>
    public int LongestRun { get; init; }

    /// <summary>What else than a description is in it.</summary>
    public CaptionMarks Marks { get; init; }

    /// <summary>Its language; und where that is unsure, zxx without letters.</summary>
    public LanguageCode Language { get; init; }

    /// <summary>The language of the other part of a mixed text, or the next probable one.</summary>
    public LanguageCode SecondLanguage { get; init; }

    /// <summary>That <see cref="Language"/>'s candidate is right, 0 to 1.</summary>
    public Half LanguageConfidence { get; init; }

    /// <summary>Of letters in the second language of a mixed text, 0 to 0.5.</summary>
    public Half SecondLanguageShare { get; init; }

    /// <summary>Of characters that <see cref="Marks"/> cover, 0 to 1.</summary>
    public Half MarkedShare { get; init; }

    /// <summary>Of words that occurred before in the caption, 0 to 1; 0 below five words.</summary>
    public Half RepeatedShare { get; init; }

    /// <summary>The counts of a caption, without hash, marks, language and repetition: see <see cref="CaptionReader"/>.</summary>
    internal static CaptionFacts Count(ReadOnlySpan<byte> caption)
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

        return new CaptionFacts
        {
            Characters = characters,
            Words = words,
            Letters = letters,
            Capitals = capitals,
            Cased = cased,
            Digits = digits,
            Symbols = symbols,
            Invalid = invalid,
            LongestRun = longest,
        };
    }

    /// <summary>A code point of a script that sets no spaces between words.</summary>
    internal static bool IsUnspaced(int value) => value >= 0x0E00 && (
        value is (>= 0x0E00 and <= 0x0EFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF)
            or (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF));
}
