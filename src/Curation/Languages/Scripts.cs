namespace Sightline.Curation.Languages;

/// <summary>What follows from a script alone.</summary>
internal static class Scripts
{
    internal const int Count = (int)Script.Other + 1;

    /// <summary>Scripts with an n-gram model: the first so many.</summary>
    internal const int Modelled = (int)Script.Han + 1;

    // Where one of several languages is all but alone in its script (Tibetan, Syllabics), it stands for the script.
    private static readonly string[] OnlyLanguages =
    [
        "", "", "", "", "", "", "", "", "ja", "el", "hy", "ka", "ko", "th", "lo", "km", "ta", "te", "kn", "ml", "gu", "pa", "or", "si",
        "my", "dv", "bo", "chr", "syr", "iu", "lif", LanguageGuess.Unknown,
    ];

    /// <summary>The language of a script that writes one.</summary>
    internal static string OnlyLanguage(Script script) => OnlyLanguages[(int)script];

    /// <summary>How many Latin letters a letter of the script stands for: a syllable about two, a Han character about three.</summary>
    internal static int LettersEach(Script script) => script switch
    {
        Script.Han => 3,
        Script.Hangul or Script.Kana or Script.Ethiopic or Script.Canadian => 2,
        _ => 1,
    };
}
