using System.Globalization;

namespace Sightline.Curation;

/// <summary>Image and caption are as alike as the threshold says, by CLIP's cosine.</summary>
/// <param name="min">Inclusive.</param>
/// <param name="keepUnknown">A pair without a cosine passes.</param>
public sealed class SimilarityFilter(double min, bool keepUnknown) : PairFilter(
    "similarity", FilterCost.Numbers,
    new DropReason("unknown", "similarity not known"),
    new DropReason("low", string.Create(CultureInfo.InvariantCulture, $"similarity below {min}")))
{
    // Stored cosines are of single precision: 0.28 must pass 0.28.
    private readonly float _min = (float)min;

    internal static FilterDefinition Definition { get; } = new(
        "similarity", "Similarity", "Image and caption belong together, by CLIP's cosine.",
        [
            new FilterParameter("min", "At least", ParameterKind.Number, null, -1, 1, "cosine", PairField.Similarity),
            new FilterParameter("keep_unknown", "Keep pairs whose similarity is not known", ParameterKind.Boolean, "false"),
        ],
        a => new SimilarityFilter(a.Number("min") ?? throw a.Fault("give min, the least cosine."), a.Boolean("keep_unknown")));

    /// <inheritdoc/>
    public override PairField? Needs => keepUnknown ? null : PairField.Similarity;

    /// <inheritdoc/>
    public override int Check(in Pair pair) =>
        float.IsNaN(pair.Similarity) ? keepUnknown ? Keep : 0 : pair.Similarity < _min ? 1 : Keep;
}
