namespace Sightline.Curation;

/// <summary>A number of each pair, of which the page draws a histogram.</summary>
public enum PairField
{
    Characters,
    Words,
    LanguageConfidence,
    MarkedShare,
    RepeatedShare,
    Aspect,
    ShorterSide,
    Area,
    Similarity,
    Sharpness,
    Brightness,
    Contrast,
    Entropy,
    TextLikeness,
}
