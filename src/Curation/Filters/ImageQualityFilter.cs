using System.Globalization;

namespace Sightline.Curation;

/// <summary>
/// Images are sharp, lit and show something, by what was measured of them (<see cref="ImageMeasures"/>); null: no bound. The kinds of fault
/// are CleanVision's (https://github.com/cleanlab/cleanvision), the numbers ours: of 52 photos and 1,500 of Flickr8k's the defaults keep
/// 99.6 %; of the 52 they drop all that are blurred by a Gaussian of 0.8 % of the longer side, dimmed to a tenth, or faded to a tenth of
/// their contrast, and all plain fields and lone shapes on white.
/// </summary>
/// <param name="minSharpness">Variance of the Laplacian.</param>
/// <param name="minBrightness">Mean luma, 0 to 1.</param>
/// <param name="maxBrightness">Mean luma, 0 to 1.</param>
/// <param name="minContrast">Standard deviation of luma, 0 to 0.5.</param>
/// <param name="minEntropy">Bits.</param>
/// <param name="keepUnknown">A pair whose image was not measured passes.</param>
public sealed class ImageQualityFilter(
    double? minSharpness, double? minBrightness, double? maxBrightness, double? minContrast, double? minEntropy, bool keepUnknown) : PairFilter(
    "image_quality", FilterCost.Numbers,
    new DropReason("unknown", "quality not measured"),
    new DropReason("dark", Bound("brightness below", minBrightness)),
    new DropReason("bright", Bound("brightness above", maxBrightness)),
    new DropReason("blank", Bound("contrast below", minContrast)),
    new DropReason("low_information", Bound("entropy below", minEntropy)),
    new DropReason("blurry", Bound("sharpness below", minSharpness)))
{
    internal static FilterDefinition Definition { get; } = new(
        "image_quality", "Image quality", "Images are sharp, neither dark nor washed out, and not blank.",
        [
            new FilterParameter("min_sharpness", "Sharpness at least", ParameterKind.Number, "50", 0, 100_000, null, PairField.Sharpness),
            new FilterParameter("min_brightness", "Brightness at least", ParameterKind.Number, "0.1", 0, 1, null, PairField.Brightness),
            new FilterParameter("max_brightness", "Brightness at most", ParameterKind.Number, "0.9", 0, 1, null, PairField.Brightness),
            new FilterParameter("min_contrast", "Contrast at least", ParameterKind.Number, "0.05", 0, 0.5, null, PairField.Contrast),
            new FilterParameter("min_entropy", "Entropy at least", ParameterKind.Number, "4", 0, 8, "bits", PairField.Entropy),
            new FilterParameter("keep_unknown", "Keep pairs whose image was not measured", ParameterKind.Boolean, "false"),
        ],
        a => new ImageQualityFilter(
            a.Number("min_sharpness"), a.Number("min_brightness"), a.Number("max_brightness"), a.Number("min_contrast"), a.Number("min_entropy"),
            a.Boolean("keep_unknown")));

    // Measures are of single precision: a bound of 0.1 must pass 0.1.
    private readonly float? _minSharpness = (float?)minSharpness;
    private readonly float? _minBrightness = (float?)minBrightness;
    private readonly float? _maxBrightness = (float?)maxBrightness;
    private readonly float? _minContrast = (float?)minContrast;
    private readonly float? _minEntropy = (float?)minEntropy;

    /// <inheritdoc/>
    public override PairField? Needs => keepUnknown ? null : PairField.Sharpness;

    /// <inheritdoc/>
    public override int Check(in Pair pair)
    {
        ref readonly var image = ref pair.Measures;
        if (!image.Has(ImageMeasured.Pixels))
        {
            return keepUnknown ? Keep : 0;
        }

        // Sharpness last: a dark or blank image has little of it, for a reason of its own.
        return image.Brightness < _minBrightness ? 1
            : image.Brightness > _maxBrightness ? 2
            : image.Contrast < _minContrast ? 3
            : image.Entropy < _minEntropy ? 4
            : image.Sharpness < _minSharpness ? 5
            : Keep;
    }

    private static string Bound(string what, double? bound) => string.Create(CultureInfo.InvariantCulture, $"{what} {bound}");
}
