namespace Sightline.Curation.Languages;

/// <summary>
/// The scripts told apart (Unicode Standard Annex 24, by blocks). Those up to <see cref="Han"/> write several languages each and have an
/// n-gram model; the numbers are part of the n-grams' hashes and stay.
/// </summary>
internal enum Script : sbyte
{
    /// <summary>Written inside words but saying nothing: vowel points, joiners, the Arabic tatweel.</summary>
    Ignored = -2,

    /// <summary>Anything that ends a word.</summary>
    None = -1,

    Latin = 0,
    Cyrillic,
    Arabic,
    Devanagari,
    Bengali,
    Hebrew,
    Ethiopic,
    Han,
    Kana,
    Greek,
    Armenian,
    Georgian,
    Hangul,
    Thai,
    Lao,
    Khmer,
    Tamil,
    Telugu,
    Kannada,
    Malayalam,
    Gujarati,
    Gurmukhi,
    Oriya,
    Sinhala,
    Myanmar,
    Thaana,
    Tibetan,
    Cherokee,
    Syriac,
    Canadian,
    Limbu,

    /// <summary>Letters of any further script: there is text, its language stays unknown.</summary>
    Other,
}
