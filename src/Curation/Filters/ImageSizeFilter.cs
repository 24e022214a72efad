using System.Globalization;

namespace Sightline.Curation;

/// <summary>Images have a size and a shape within bounds, which are inclusive; null: none. Lengths are pixels.</summary>
/// <param name="minShorter">Least shorter side.</param>
/// <param name="minArea">Least width times height.</param>
/// <param name="maxArea">Most width times height.</param>
/// <param name="maxAspect">Most longer side over shorter side; DALL-E's pairs had at most 2, DataComp's basic filter allows 3.</param>
/// <param name="keepUnknown">A pair without dimensions passes.</param>
public sealed class ImageSizeFilter(int? minShorter, long? minArea, long? maxArea, double? maxAspect, bool keepUnknown) : PairFilter(
    "image_size", FilterCost.Numbers,
    new DropReason("unknown", "size not known"),
    new DropReason("small_side", $"shorter side below {minShorter} pixels"),
    new DropReason("small_area", $"fewer than {minArea} pixels"),
    new DropReason("large_area", $"more than {maxArea} pixels"),
    new DropReason("aspect", string.Create(CultureInfo.InvariantCulture, $"longer side above {maxAspect} times the shorter")))
{
    internal static FilterDefinition Definition { get; } = new(
        "image_size", "Image size", "Images are large enough and neither strips nor banners.",
        [
            new FilterParameter("min_shorter_side", "Shorter side at least", ParameterKind.Integer, null, 0, 30_000, "pixels", PairField.ShorterSide),
            new FilterParameter("min_area", "Area at least", ParameterKind.Integer, null, 0, 1e9, "pixels", PairField.Area),
            new FilterParameter("max_area", "Area at most", ParameterKind.Integer, null, 0, 1e9, "pixels", PairField.Area),
            new FilterParameter("max_aspect", "Longer over shorter side at most", ParameterKind.Number, null, 1, 100, null, PairField.Aspect),
            new FilterParameter("keep_unknown", "Keep pairs whose size is not known", ParameterKind.Boolean, "false"),
        ],
        a => new ImageSizeFilter(
            a.Integer("min_shorter_side"), a.Long("min_area"), a.Long("max_area"), a.Number("max_aspect"), a.Boolean("keep_unknown")));

    /// <inheritdoc/>
    public override PairField? Needs => keepUnknown ? null : PairField.Area;

    /// <inheritdoc/>
    public override int Check(in Pair pair)
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
