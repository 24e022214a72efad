using System.Globalization;

namespace Sightline.Curation;

/// <summary>Image and caption are as alike as the threshold says, by the cosine that the source has stored.</summary>
/// <param name="least">Inclusive.</param>
/// <param name="keepUnknown">A pair without a cosine passes.</param>
public sealed class SimilarityFilter(float least, bool keepUnknown) : PairFilter(
    "similarity", FilterCost.Number, "similarity not known", string.Create(CultureInfo.InvariantCulture, $"similarity below {least}"))
{
    /// <inheritdoc/>
    public override int Check(in Pair pair, in CaptionFacts facts) =>
        float.IsNaN(pair.Similarity) ? keepUnknown ? Keep : 0 : pair.Similarity < least ? 1 : Keep;
}
