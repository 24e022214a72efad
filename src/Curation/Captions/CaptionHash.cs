using System.Globalization;
using System.Text;

namespace Sightline.Curation;

/// <summary>
/// A 64-bit hash of a caption as people read it: in lower case, without punctuation, with single spaces between
/// words. The same on every machine; two captions of ten million that differ share one with a probability of 3 in a million.
/// </summary>
public static class CaptionHash
{
    private const ulong Start = 0x9E3779B97F4A7C15;
    private const ulong Prime = 0xD6E8FEB86659FD93;

    // What each character of the basic plane counts as; 0: it parts words.
    private static readonly char[] Parts =
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(value => Rune.TryCreate((char)value, out var rune) ? (char)PartOf(rune) : default)];

    public static ulong Of(ReadOnlySpan<byte> caption)
    {
        var parts = Parts;
        var hash = Start;
        var gap = false;
        var any = false;
        for (var at = 0; at < caption.Length;)
        {
            uint value = caption[at];
            if (value < 0x80)
            {
                value = parts[value];
                at++;
            }
            else
            {
                var rune = CodePoints.Read(caption, at, out var length);
                value = rune < parts.Length ? parts[rune] : PartOf(new Rune(rune));
                at += length;
            }

            if (value == 0)
            {
                gap = any;
                continue;
            }

            if (gap)
            {
                hash = Mix(hash, ' ');
                gap = false;
            }

            any = true;
            hash = Mix(hash, value);
        }

        return Finish(hash);
    }

    /// <summary>Of any bytes, as they are.</summary>
    public static ulong OfBytes(ReadOnlySpan<byte> bytes)
    {
        var hash = Start;
        foreach (var value in bytes)
        {
            hash = Mix(hash, value);
        }

        return Finish(hash);
    }

    /// <summary>Takes the next code point off a caption that is not empty.</summary>
    /// <returns>In lower case; 0 for what parts words.</returns>
    internal static uint Next(ref ReadOnlySpan<byte> caption)
    {
        Rune.DecodeFromUtf8(caption, out var rune, out var length);
        caption = caption[length..];
        return rune.IsBmp ? Parts[rune.Value] : PartOf(rune);
    }

    private static uint PartOf(Rune rune) => !rune.IsAscii
        ? IsPart(rune) ? (uint)Rune.ToLowerInvariant(rune).Value : 0
        : char.IsAsciiLetterOrDigit((char)rune.Value) ? (uint)char.ToLowerInvariant((char)rune.Value) : 0;

    private static bool IsPart(Rune rune) => Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.OtherSymbol;

    private static ulong Mix(ulong hash, uint value)
    {
        hash = (hash ^ value) * Prime;
        return hash ^ (hash >> 32);
    }

    // The finaliser of SplitMix64 (Steele et al. 2014): every bit of the state reaches every bit of the hash.
    private static ulong Finish(ulong hash)
    {
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        return hash ^ (hash >> 31);
    }
}
