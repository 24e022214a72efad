namespace Sightline.Curation;

/// <summary>Images have a size and a shape within bounds, which are inclusive; null: none. Lengths are pixels.</summary>
/// <param name="minShorter">Least shorter side.</param>
/// <param name="minArea">Least width times height.</param>
/// <param name="maxArea">Most width times height.</param>
/// <param name="maxAspect">Most longer side over shorter side; DALL-E's pairs had at most 2, DataComp's basic filter allows 3.</param>
/// <param name="keepUnknown">A pair without dimensions passes.</param>
public sealed class ImageSizeFilter(int? minShorter, long? minArea, long? maxArea, double? maxAspect, bool keepUnknown) : PairFilter(
    "image_size", FilterCost.Number,
    "size not known", $"shorter side below {minShorter}", $"fewer than {minArea} pixels", $"more than {maxArea} pixels",
    string.Create(System.Globalization.CultureInfo.InvariantCulture, $"longer side above {maxAspect} times the shorter"))
{
    /// <inheritdoc/>
    public override int Check(in Pair pair, in CaptionFacts facts)
    {
        var (shorter, longer) = (Math.Min(pair.Width, pair.Height), Math.Max(pair.Width, pair.Height));
        if (shorter <= 0)
        {
            return keepUnknown ? Keep : 0;
        }

        var area = (long)shorter * longer;
        return shorter < minShorter ? 1
            : area < minArea ? 2
            : area > maxArea ? 3
            : longer > maxAspect * shorter ? 4
            : Keep;
    }
}
