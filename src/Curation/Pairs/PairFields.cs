namespace Sightline.Curation;

/// <summary>The numbers of a pair by name.</summary>
public static class PairFields
{
    /// <summary>NaN where it is not known.</summary>
    public static double Value(PairField field, in Pair pair)
    {
        ref readonly var facts = ref pair.Facts;
        ref readonly var image = ref pair.Measures;
        return field switch
        {
            PairField.Characters => facts.Characters,
            PairField.Words => facts.Words,
            PairField.LanguageConfidence => (double)facts.LanguageConfidence,
            PairField.MarkedShare => (double)facts.MarkedShare,
            PairField.RepeatedShare => (double)facts.RepeatedShare,
            PairField.Aspect => HasSize(pair) ? (double)Math.Max(pair.Width, pair.Height) / Math.Min(pair.Width, pair.Height) : double.NaN,
            PairField.ShorterSide => HasSize(pair) ? Math.Min(pair.Width, pair.Height) : double.NaN,
            PairField.Area => HasSize(pair) ? (double)pair.Width * pair.Height : double.NaN,
            PairField.Similarity => pair.Similarity,
            PairField.TextLikeness => image.Has(ImageMeasured.TextLikeness) ? image.TextLikeness : double.NaN,
            _ when !image.Has(ImageMeasured.Pixels) => double.NaN,
            PairField.Sharpness => image.Sharpness,
            PairField.Brightness => image.Brightness,
            PairField.Contrast => image.Contrast,
            PairField.Entropy => image.Entropy,
            _ => throw new ArgumentOutOfRangeException(nameof(field), field, "No field of a pair."),
        };
    }

    private static bool HasSize(in Pair pair) => pair.Width > 0 && pair.Height > 0;
}
