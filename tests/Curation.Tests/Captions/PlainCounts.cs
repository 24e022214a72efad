using System.Buffers;
using System.Globalization;
using System.Text;

namespace Sightline.Curation.Tests;

/// <summary>The counts of <see cref="CaptionFacts"/>, the hash and the repeats, character by character: what the fast ones must equal.</summary>
internal static class PlainCounts
{
    private const ulong Start = 0x9E3779B97F4A7C15;

    internal static CaptionFacts Count(ReadOnlySpan<byte> caption)
    {
        var rest = caption.Trim(" \t\r\n\v\f"u8);
        int characters = 0, words = 0, letters = 0, capitals = 0, cased = 0, digits = 0, symbols = 0, invalid = 0, longest = 0, run = 0;
        var inWord = false;
        var before = default(Rune);
        while (!rest.IsEmpty)
        {
            invalid += Rune.DecodeFromUtf8(rest, out var rune, out var length) == OperationStatus.Done ? 0 : 1;
            rest = rest[length..];
            characters++;
            var category = Rune.GetUnicodeCategory(rune);
            run = rune == before && category is not UnicodeCategory.DecimalDigitNumber && !Rune.IsWhiteSpace(rune) ? run + 1 : 1;
            longest = Math.Max(longest, run);
            before = rune;
            var isUpper = category is UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter;
            var isCased = isUpper || category is UnicodeCategory.LowercaseLetter;
            var isLetter = isCased || category is UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter;
            var isDigit = category is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
            var isSymbol = category is UnicodeCategory.OtherSymbol or UnicodeCategory.PrivateUse;
            capitals += isUpper ? 1 : 0;
            cased += isCased ? 1 : 0;
            letters += isLetter ? 1 : 0;
            digits += isDigit ? 1 : 0;
            symbols += isSymbol ? 1 : 0;
            invalid += category is UnicodeCategory.Control && !Rune.IsWhiteSpace(rune) ? 1 : 0;
            var counts = isLetter || isDigit || isSymbol;
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

    internal static ulong Hash(ReadOnlySpan<byte> caption)
    {
        var (hash, gap, any) = (Start, false, false);
        while (!caption.IsEmpty)
        {
            Rune.DecodeFromUtf8(caption, out var rune, out var length);
            caption = caption[length..];
            var isPart = Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune)
                is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.OtherSymbol;
            if (!isPart)
            {
                gap = any;
                continue;
            }

            hash = gap ? Mix(hash, ' ') : hash;
            hash = Mix(hash, (uint)Rune.ToLowerInvariant(rune).Value);
            (gap, any) = (false, true);
        }

        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        return hash ^ (hash >> 31);
    }

    internal static double Repeats(ReadOnlySpan<byte> caption, int words)
    {
        if (words < 5)
        {
            return 0;
        }

        var seen = new HashSet<ulong>();
        int all = 0, repeats = 0;
        foreach (var range in caption.SplitAny(" \t\r\n,.;:!?\"()"u8))
        {
            if (!caption[range].IsEmpty)
            {
                all++;
                var hash = Hash(caption[range]);
                repeats += seen.Contains(hash) ? 1 : 0;
                _ = seen.Count < 256 && seen.Add(hash);
            }
        }

        return all == 0 ? 0 : (double)repeats / all;
    }

    private static ulong Mix(ulong hash, uint value)
    {
        hash = (hash ^ value) * 0xD6E8FEB86659FD93;
        return hash ^ (hash >> 32);
    }

    private static bool IsUnspaced(int value) =>
        value is (>= 0x0E00 and <= 0x0EFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF)
            or (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF);
}
