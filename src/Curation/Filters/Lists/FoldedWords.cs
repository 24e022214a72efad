using System.Globalization;
using System.Text;

namespace Sightline.Curation;

/// <summary>
/// The words of a text as hashes, without regard to case and accents: "Café" is "cafe", "ЁЛКА" is "елка", "straße" is "strasse". Letters, marks
/// and digits make words; in scripts that set no spaces between words each character is one, and so is each emoji. Accents are those of
/// Latin, Greek and Cyrillic letters (й stays й), and Arabic and Hebrew vowel points.
/// </summary>
internal ref struct FoldedWords(ReadOnlySpan<byte> text)
{
    private const ulong Start = 0x9E3779B97F4A7C15;
    private const ulong Prime = 0xD6E8FEB86659FD93;
    private const int Folds = 0x2000;

    // What a character below U+2000 is folded to: one or two characters, 0: it parts words, Nothing: it is left out.
    private const uint Nothing = uint.MaxValue;

    private static readonly uint[] Folded = [.. Enumerable.Range(0, Folds).Select(value => Fold((char)value))];

    private ReadOnlySpan<byte> _rest = text;

    /// <summary>Of the word that was read last.</summary>
    internal ulong Hash { get; private set; }

    internal bool Read()
    {
        var hash = Start;
        var any = false;
        while (!_rest.IsEmpty)
        {
            var (value, length) = _rest[0] < 0x80 ? (_rest[0], 1) : Decode(_rest);
            var folded = value < Folds ? Folded[value] : FoldBeyond(new Rune(value));
            if (folded == Nothing)
            {
                _rest = _rest[length..];
                continue;
            }

            var isAlone = folded != 0 && value >= 0x0E00 && IsAlone(value);
            if (any && (folded == 0 || isAlone))
            {
                break;
            }

            _rest = _rest[length..];
            if (folded == 0)
            {
                continue;
            }

            hash = Mix(hash, folded & 0x1FFFFF);
            hash = folded >> 21 == 0 ? hash : Mix(hash, folded >> 21);
            any = true;
            if (isAlone)
            {
                break;
            }
        }

        Hash = hash;
        return any;
    }

    internal static ulong Mix(ulong hash, ulong value)
    {
        hash = (hash ^ value) * Prime;
        return hash ^ (hash >> 32);
    }

    private static (int Value, int Length) Decode(ReadOnlySpan<byte> text)
    {
        Rune.DecodeFromUtf8(text, out var rune, out var length);
        return (rune.Value, length);
    }

    private static uint FoldBeyond(Rune rune)
    {
        // Joiners and the marks that choose between text and emoji.
        if (rune.Value is 0xFE0E or 0xFE0F or 0x200D)
        {
            return Nothing;
        }

        var isWord = Rune.GetUnicodeCategory(rune) is <= UnicodeCategory.OtherNumber or UnicodeCategory.OtherSymbol;
        var isFullWidth = rune.Value is >= 0xFF01 and <= 0xFF5E;
        return !isWord ? 0 : isFullWidth ? Folded[rune.Value - 0xFEE0] : (uint)Rune.ToLowerInvariant(rune).Value;
    }

    private static uint Fold(char value)
    {
        if (IsPoint(value))
        {
            return Nothing;
        }

        if (char.GetUnicodeCategory(value) > UnicodeCategory.OtherNumber)
        {
            return 0;
        }

        var lower = char.ToLowerInvariant(value);
        var letter = lower is 'й' ? lower : lower.ToString().Normalize(NormalizationForm.FormD) is [var first, .. var marks]
            && !marks.AsSpan().ContainsAnyExceptInRange('\u0300', '\u036F') ? first : lower;
        return char.ToLowerInvariant(letter) switch
        {
            'ß' => 's' | 's' << 21,
            'æ' => 'a' | 'e' << 21,
            'œ' => 'o' | 'e' << 21,
            'ø' => 'o',
            'ł' => 'l',
            'đ' or 'ð' => 'd',
            'ı' => 'i',
            'ς' => 'σ',
            var other => other,
        };
    }

    private static bool IsPoint(char value) =>
        value is (>= '\u0300' and <= '\u036F') or (>= '\u064B' and <= '\u0652') or (>= '\u05B0' and <= '\u05BD') or '\u00AD';

    private static bool IsAlone(int value) => value is (>= 0x0E00 and <= 0x0EFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF)
        or (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF)
        || (value >= 0x2000 && Rune.GetUnicodeCategory(new Rune(value)) == UnicodeCategory.OtherSymbol);
}
