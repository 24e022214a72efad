using System.Globalization;

namespace Sightline.Curation.Languages;

/// <summary>Every UTF-16 code unit's script and lower case, looked up in two tables.</summary>
internal static class Letters
{
    private const char ZeroWidthNonJoiner = '\u200c';
    private const char ZeroWidthJoiner = '\u200d';
    private const char SoftHyphen = '\u00ad';
    private const char Tatweel = '\u0640';

    // The first code unit of each range, the one after its last, and the script. Letters outside of all are Other.
    private static readonly (int First, int End, Script Script)[] Blocks =
    [
        (0x0041, 0x02b0, Script.Latin), (0x0370, 0x0400, Script.Greek), (0x0400, 0x0530, Script.Cyrillic),
        (0x0530, 0x0590, Script.Armenian), (0x0590, 0x0600, Script.Hebrew), (0x0600, 0x0700, Script.Arabic),
        (0x0700, 0x0750, Script.Syriac), (0x0750, 0x0780, Script.Arabic), (0x0780, 0x07c0, Script.Thaana),
        (0x08a0, 0x0900, Script.Arabic), (0x0900, 0x0980, Script.Devanagari), (0x0980, 0x0a00, Script.Bengali),
        (0x0a00, 0x0a80, Script.Gurmukhi), (0x0a80, 0x0b00, Script.Gujarati), (0x0b00, 0x0b80, Script.Oriya),
        (0x0b80, 0x0c00, Script.Tamil), (0x0c00, 0x0c80, Script.Telugu), (0x0c80, 0x0d00, Script.Kannada),
        (0x0d00, 0x0d80, Script.Malayalam), (0x0d80, 0x0e00, Script.Sinhala), (0x0e00, 0x0e80, Script.Thai),
        (0x0e80, 0x0f00, Script.Lao), (0x0f00, 0x1000, Script.Tibetan), (0x1000, 0x10a0, Script.Myanmar),
        (0x10a0, 0x1100, Script.Georgian), (0x1100, 0x1200, Script.Hangul), (0x1200, 0x13a0, Script.Ethiopic),
        (0x13a0, 0x1400, Script.Cherokee), (0x1400, 0x1680, Script.Canadian), (0x1780, 0x1800, Script.Khmer),
        (0x1900, 0x1950, Script.Limbu), (0x1c80, 0x1c90, Script.Cyrillic), (0x1c90, 0x1cc0, Script.Georgian),
        (0x1e00, 0x1f00, Script.Latin), (0x1f00, 0x2000, Script.Greek), (0x2c60, 0x2c80, Script.Latin),
        (0x2d00, 0x2d30, Script.Georgian), (0x2d80, 0x2de0, Script.Ethiopic), (0x2de0, 0x2e00, Script.Cyrillic),
        (0x3005, 0x3006, Script.Han), (0x3040, 0x3100, Script.Kana), (0x3130, 0x3190, Script.Hangul),
        (0x31f0, 0x3200, Script.Kana), (0x3400, 0xa000, Script.Han), (0xa640, 0xa6a0, Script.Cyrillic),
        (0xa720, 0xa800, Script.Latin), (0xa960, 0xa980, Script.Hangul), (0xa9e0, 0xaa00, Script.Myanmar),
        (0xaa60, 0xaa80, Script.Myanmar), (0xab30, 0xab70, Script.Latin), (0xab70, 0xabc0, Script.Cherokee),
        (0xac00, 0xd800, Script.Hangul), (0xf900, 0xfb00, Script.Han), (0xfb00, 0xfb07, Script.Latin),
        (0xfb13, 0xfb18, Script.Armenian), (0xfb1d, 0xfb50, Script.Hebrew), (0xfb50, 0xfe00, Script.Arabic),
        (0xfe70, 0xff00, Script.Arabic), (0xff21, 0xff5b, Script.Latin), (0xff66, 0xffa0, Script.Kana),
        (0xffa0, 0xffe0, Script.Hangul),
    ];

    private static readonly Script[] ScriptOf = new Script[char.MaxValue + 1];
    private static readonly char[] LowerOf = new char[char.MaxValue + 1];

    static Letters()
    {
        for (var i = 0; i <= char.MaxValue; i++)
        {
            ScriptOf[i] = Find((char)i);
            // Turkish writes its capital dotted; the simple lower case would leave it as it is.
            LowerOf[i] = i == 'İ' ? 'i' : char.ToLowerInvariant((char)i);
        }
    }

    internal static Script Of(char c) => ScriptOf[c];

    internal static char Lower(char c) => LowerOf[c];

    private static Script Find(char c)
    {
        if (c is ZeroWidthNonJoiner or ZeroWidthJoiner or SoftHyphen or Tatweel)
        {
            return Script.Ignored;
        }

        var category = char.GetUnicodeCategory(c);
        var mark = category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
        // The ordinal signs and the micro sign come with numbers.
        if ((!mark && !char.IsLetter(c)) || c is 'ª' or 'º' or 'µ')
        {
            return Script.None;
        }

        if (category == UnicodeCategory.ModifierLetter && c < 0x0370)
        {
            return Script.Ignored;
        }

        var script = Script.Other;
        foreach (var (first, end, of) in Blocks)
        {
            if (c >= first && c < end)
            {
                script = of;
            }
        }

        // Vowel points and accents come and go in these scripts; in the scripts of India and of South-East Asia marks are vowels.
        return mark && (script is Script.Latin or Script.Cyrillic or Script.Arabic or Script.Hebrew or Script.Syriac or Script.Other)
            ? Script.Ignored
            : script;
    }
}
