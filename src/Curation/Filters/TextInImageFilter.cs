using System.Globalization;

namespace Sightline.Curation;

/// <summary>Images are no pages, posters or screenshots of written text, by <see cref="ImageMeasures.TextLikeness"/>, which is
/// worth what the model is: the bundled one cannot tell.</summary>
/// <param name="maxProbability">Inclusive, 0 to 1.</param>
/// <param name="keepUnknown">A pair whose image no model judged passes.</param>
public sealed class TextInImageFilter(double maxProbability, bool keepUnknown) : PairFilter(
    "text_in_image", FilterCost.Numbers,
    new DropReason("unknown", "not judged by a model"),
    new DropReason("text", string.Create(CultureInfo.InvariantCulture, $"mostly text with a probability above {maxProbability:P0}")))
{
    private readonly float _max = (float)maxProbability;

    internal static FilterDefinition Definition { get; } = new(
        "text_in_image", "Text in the image", "Images are not mostly written text.",
        [
            new FilterParameter("max_probability", "Probability of text at most", ParameterKind.Share, "0.5", 0, 1, null, PairField.TextLikeness),
            new FilterParameter("keep_unknown", "Keep pairs whose image was not judged", ParameterKind.Boolean, "false"),
        ],
        a => new TextInImageFilter(a.Number("max_probability") ?? throw a.Fault("give max_probability, from 0 to 1."), a.Boolean("keep_unknown")));

    /// <inheritdoc/>
    public override PairField? Needs => keepUnknown ? null : PairField.TextLikeness;

    /// <inheritdoc/>
    public override int Check(in Pair pair) => !pair.Measures.Has(ImageMeasured.TextLikeness) ? keepUnknown ? Keep : 0
        : pair.Measures.TextLikeness > _max ? 1
        : Keep;
}
