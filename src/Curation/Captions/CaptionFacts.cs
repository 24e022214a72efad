using System.Buffers;
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

    // What one character adds to the counts, as bits: letters, capitals, letters with cases, digits, symbols, characters that are no text;
    // whether it makes a word, stands for one alone, goes on with one, and counts where it repeats.
    private const int Letter = 1;
    private const int CapitalShift = 1;
    private const int CasedShift = 2;
    private const int DigitShift = 3;
    private const int SymbolShift = 4;
    private const int InvalidShift = 5;
    private const int MakesShift = 6;
    private const int AloneShift = 7;
    private const int GoesOnShift = 8;
    private const int Repeats = 512;

    // Of all characters of the basic plane; halves of surrogates are never asked for.
    private static readonly short[] Kinds =
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(value => (short)(Rune.TryCreate((char)value, out var rune) ? KindOf(rune) : 0))];

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

    /// <summary>Of characters that <see cref="Marks"/> cover, 0 to 1, blanks and punctuation beside a mark with it.</summary>
    public Half MarkedShare { get; init; }

    /// <summary>Of words that occurred before in the caption, 0 to 1; 0 below five words.</summary>
    public Half RepeatedShare { get; init; }

    /// <summary>The counts of a caption, without hash, marks, language and repetition: see <see cref="CaptionReader"/>.</summary>
    internal static CaptionFacts Count(ReadOnlySpan<byte> caption)
    {
        caption = caption.Trim(" \t\r\n\v\f"u8);
        if (caption.Length <= AsciiCounts.MostBytes && Ascii.IsValid(caption))
        {
            return AsciiCounts.Count(caption);
        }

        var kinds = Kinds;
        int characters = 0, words = 0, letters = 0, capitals = 0, cased = 0, digits = 0, symbols = 0, invalid = 0, longest = 0, run = 0;
        var inWord = 0;
        var before = -1;
        for (var at = 0; at < caption.Length;)
        {
            int value = caption[at];
            int kind;
            if (value < 0x80)
            {
                kind = kinds[value];
                at++;
            }
            else
            {
                var isValid = Rune.DecodeFromUtf8(caption[at..], out var rune, out var length) == OperationStatus.Done;
                value = rune.Value;
                kind = value < kinds.Length ? kinds[value] : KindOf(rune);
                invalid += isValid ? 0 : 1;
                at += length;
            }

            characters++;
            letters += kind & Letter;
            capitals += kind >> CapitalShift & 1;
            cased += kind >> CasedShift & 1;
            digits += kind >> DigitShift & 1;
            symbols += kind >> SymbolShift & 1;
            invalid += kind >> InvalidShift & 1;
            run = value == before && (kind & Repeats) != 0 ? run + 1 : 1;
            longest = Math.Max(longest, run);
            before = value;

            // What makes a word does so once until white space, or each for itself in a script without spaces.
            var makes = kind >> MakesShift & 1;
            var alone = kind >> AloneShift & 1;
            words += makes & ((inWord ^ 1) | alone);
            inWord = (inWord | makes) & (kind >> GoesOnShift & 1) & (alone ^ 1);
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

    private static int KindOf(Rune rune)
    {
        var isSpace = Rune.IsWhiteSpace(rune);
        var category = Rune.GetUnicodeCategory(rune);
        const int Making = 1 << MakesShift;
        var kind = category switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => Letter | 1 << CapitalShift | 1 << CasedShift | Making,
            UnicodeCategory.LowercaseLetter => Letter | 1 << CasedShift | Making,
            UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Letter | Making,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => 1 << DigitShift | Making,
            UnicodeCategory.OtherSymbol or UnicodeCategory.PrivateUse => 1 << SymbolShift | Making,
            UnicodeCategory.Control when !isSpace => 1 << InvalidShift,

            // Punctuation, marks and joiners lengthen a word but make none.
            _ => 0,
        };
        return kind
            | (category != UnicodeCategory.DecimalDigitNumber && !isSpace ? Repeats : 0)
            | (isSpace ? 0 : 1 << GoesOnShift)
            | ((kind & Making) != 0 && IsUnspaced(rune.Value) ? 1 << AloneShift : 0);
    }

    /// <summary>A code point of a script that sets no spaces between words.</summary>
    internal static bool IsUnspaced(int value) => value >= 0x0E00 && (
        value is (>= 0x0E00 and <= 0x0EFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF)
            or (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF));
}
