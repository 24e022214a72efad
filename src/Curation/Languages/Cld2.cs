using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sightline.Curation.Languages;

/// <summary>What CLD2 says of a text: three languages, best first, "und" where it names none.</summary>
internal readonly record struct Cld2Answer(Cld2Languages Languages, Cld2Shares Shares, int TextBytes, bool IsReliable);

/// <summary>BCP-47 codes.</summary>
[InlineArray(Cld2.Answers)]
internal struct Cld2Languages
{
    private string _first;
}

/// <summary>Shares of the text's letters, 0 to 1.</summary>
[InlineArray(Cld2.Answers)]
internal struct Cld2Shares
{
    private float _first;
}

/// <summary>
/// Compact Language Detector 2 by Debian's libcld2, asked with its best effort: without it, CLD2 keeps silent about most texts of a word
/// or two, and its accuracy on word pairs is 0.68 instead of 0.86 (docs/languages.md). Any number of threads may ask at once.
/// </summary>
internal static unsafe class Cld2
{
    internal const int Answers = 3;

    private static readonly string[] Codes = ReadCodes();

    /// <summary>The languages of a text; null where the bytes are no UTF-8.</summary>
    internal static Cld2Answer? Detect(ReadOnlySpan<byte> utf8) => DetectCleaned(utf8, bestEffort: 1);

    /// <summary>CLD2 as it comes: silent where it is not sure. For comparison only.</summary>
    internal static Cld2Answer? DetectWithoutBestEffort(ReadOnlySpan<byte> utf8) => DetectCleaned(utf8, bestEffort: 0);

    // CLD2 refuses a text for one control character, such as the 0x92 that stood for an apostrophe before it was converted.
    private static Cld2Answer? DetectCleaned(ReadOnlySpan<byte> utf8, int bestEffort)
    {
        if (Detect(utf8, bestEffort) is { } answer)
        {
            return answer;
        }

        var cleaned = ArrayPool<byte>.Shared.Rent(utf8.Length);
        try
        {
            utf8.CopyTo(cleaned);
            ReplaceControls(cleaned.AsSpan(0, utf8.Length));
            return Detect(cleaned.AsSpan(0, utf8.Length), bestEffort);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(cleaned);
        }
    }

    // C0, DEL, C1 (two bytes, 0xc2 first) and the two noncharacters at the end of the basic plane become spaces.
    private static void ReplaceControls(Span<byte> utf8)
    {
        for (var i = 0; i < utf8.Length; i++)
        {
            if (utf8[i] is < 0x20 or 0x7f)
            {
                utf8[i] = (byte)' ';
            }
            else if (utf8[i] == 0xc2 && i + 1 < utf8.Length && utf8[i + 1] is >= 0x80 and < 0xa0)
            {
                utf8.Slice(i, 2).Fill((byte)' ');
            }
            else if (utf8[i] == 0xef && i + 2 < utf8.Length && utf8[i + 1] == 0xbf && utf8[i + 2] >= 0xbe)
            {
                utf8.Slice(i, 3).Fill((byte)' ');
            }
        }
    }

    /// <summary>Cebuano, Ganda, Hmong and Bihari: CLD2 knows them and the n-gram model does not. With others that it names and the model
    /// does not know, CLD2 is too often wrong: it takes Zulu for Chichewa.</summary>
    /// <param name="textBytes">Of letters: with fewer than two dozen of them CLD2 guesses.</param>
    internal static bool KnowsAlone(string language, int textBytes) => language switch
    {
        "ceb" or "lg" or "hmn" => textBytes >= 24,
        "bho" => textBytes >= 72,
        _ => false,
    };

    private static Cld2Answer? Detect(ReadOnlySpan<byte> utf8, int bestEffort)
    {
        NativeLangResult result;
        fixed (byte* text = utf8)
        {
            var status = NativeLang.Detect(text, utf8.Length, bestEffort, out result);
            if (status == NativeLangStatus.InvalidUtf8)
            {
                return null;
            }

            if (status != NativeLangStatus.Ok)
            {
                throw new InvalidOperationException($"CLD2 failed on a text of {utf8.Length} bytes.");
            }
        }

        var languages = new Cld2Languages();
        var shares = new Cld2Shares();
        for (var i = 0; i < Answers; i++)
        {
            languages[i] = Codes[result.Languages[i]];
            shares[i] = result.Percents[i] / 100f;
        }

        return new Cld2Answer(languages, shares, result.TextBytes, result.Reliable != 0);
    }

    private static string[] ReadCodes()
    {
        var known = NativeLang.Count(out var count) == NativeLangStatus.Ok;
        Debug.Assert(known && count > 0);
        var codes = new string[count];
        for (var i = 0; i < count; i++)
        {
            codes[i] = NativeLang.Code(i, out var code) == NativeLangStatus.Ok
                ? ToBcp47(Marshal.PtrToStringUTF8((nint)code) ?? "un")
                : LanguageGuess.Unknown;
        }

        return codes;
    }

    // CLD2's codes are those of 2013, and some name scripts, jokes (Klingon, Pig Latin) or no language at all.
    private static string ToBcp47(string code) => code switch
    {
        "iw" => "he",
        "jw" => "jv",
        "in" => "id",
        "mo" => "ro",
        "fil" => "tl",
        "nn" or "nb" => "no",
        "sr-ME" => "sr",
        "blu" => "hmn",
        "bh" => "bho",
        "zh-Hant" or "zh-Hans" => "zh",
        "un" or "xxx" or "tlh" or "zzb" or "zze" or "zzh" or "zzp" => LanguageGuess.Unknown,
        _ => code.Length is 2 or 3 ? code : LanguageGuess.Unknown,
    };
}
