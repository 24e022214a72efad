namespace Sightline.Curation.Languages;

/// <summary>What language a text is in, how sure that is, and whether a second language holds part of it.</summary>
/// <param name="Language">ISO 639-1 where the language has such a code, otherwise ISO 639-3; <see cref="Unknown"/> where even the best
/// candidate is more likely wrong than right; <see cref="NoLetters"/> where there is nothing to judge.</param>
/// <param name="Confidence">The probability, 0 to 1, that <paramref name="Candidate"/> is right, as measured on picture captions that were
/// not used to fit it (docs/languages.md); 1 for a text without letters.</param>
/// <param name="Candidate">The most probable language, also where it is too unsure to be <paramref name="Language"/>.</param>
/// <param name="Second">The language of the other part of a mixed text; in any other text the next probable language;
/// <see cref="Unknown"/> where there is neither.</param>
/// <param name="SecondShare">The share of the letters, 0 to 0.5, that <paramref name="Second"/> holds; 0 where the text is in one
/// language. A letter of a script of syllables or words counts as the two or three Latin letters that it stands for.</param>
public readonly record struct LanguageGuess(string Language, float Confidence, string Candidate, string Second, float SecondShare)
{
    /// <summary>ISO 639-2's code for a language that is not determined.</summary>
    public const string Unknown = "und";

    /// <summary>ISO 639-2's code for no linguistic content: digits, punctuation, emoji, nothing.</summary>
    public const string NoLetters = "zxx";

    /// <summary>Below this the language is <see cref="Unknown"/>: it is more likely wrong than right.</summary>
    public const float UnknownBelow = 0.5f;

    /// <summary>From this on <see cref="IsReliable"/> holds.</summary>
    public const float ReliableFrom = 0.9f;

    /// <summary>From this share of a second language on <see cref="IsMixed"/> holds.</summary>
    public const float MixedFrom = 0.2f;

    /// <summary>The language is right in at least nine texts of ten.</summary>
    public bool IsReliable => Confidence >= ReliableFrom;

    /// <summary>Two languages hold a considerable part each, as in "un gato / a cat".</summary>
    public bool IsMixed => SecondShare >= MixedFrom;

    internal static LanguageGuess WithoutLetters { get; } = new(NoLetters, 1, NoLetters, Unknown, 0);

    internal static LanguageGuess Of(string candidate, float confidence, string second, float secondShare) =>
        new(confidence < UnknownBelow ? Unknown : candidate, confidence, candidate, second, secondShare);
}
