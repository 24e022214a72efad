using System.Globalization;

namespace Sightline.Training.Data;

/// <summary>A range of a number.</summary>
internal readonly record struct NumberRange(double Least, double Most)
{
    internal double Draw(ref DrawSequence draw) => draw.Between(Least, Most);
}

/// <summary>
/// What is changed about pictures of a training; section <c>augment</c>. Nothing by default.
/// <code>
/// augment:
///   crop: [0.5, 1]             # share of the picture's area
///   aspect: 1.333              # width to height of the crop, from 1/a to a
///   flip: 0.5                  # share of the pictures; so are all single numbers named share
///   brightness: 0.2            # factor from 1 - 0.2 to 1 + 0.2
///   contrast: 0.2
///   saturation: 0.2
///   hue: 0.03                  # of a full turn, either way; 0 to 0.5
///   grayscale: 0.05
///   blur: {share: 0.1, deviation: [0.1, 1]}         # pixels of the result
///   noise: {share: 0.1, deviation: [1, 8]}          # of 255
///   compress: {share: 0.5, quality: [30, 95]}       # as JPEG
///   cutout: {share: 0.2, side: [0.1, 0.3]}          # of the picture's
/// </code>
/// </summary>
internal sealed record AugmentationOptions
{
    /// <summary>Share of the picture's area, above 0, at most 1.</summary>
    internal NumberRange Crop { get; init; } = new(1, 1);

    /// <summary>1 or more.</summary>
    internal double Aspect { get; init; } = 4.0 / 3;

    internal double Flip { get; init; }

    internal double Brightness { get; init; }

    internal double Contrast { get; init; }

    internal double Saturation { get; init; }

    internal double Hue { get; init; }

    internal double Grayscale { get; init; }

    internal double BlurShare { get; init; }

    internal NumberRange Blur { get; init; }

    internal double NoiseShare { get; init; }

    internal NumberRange Noise { get; init; }

    internal double CompressShare { get; init; }

    internal NumberRange Quality { get; init; } = new(100, 100);

    internal double CutoutShare { get; init; }

    internal NumberRange Cutout { get; init; }

    /// <exception cref="TrainingConfigException">A setting is unknown or not what it should be.</exception>
    internal static AugmentationOptions Read(ConfigSection augment)
    {
        var (blur, noise) = (augment.Section("blur"), augment.Section("noise"));
        var (compress, cutout) = (augment.Section("compress"), augment.Section("cutout"));
        return new AugmentationOptions
        {
            Crop = ReadRange(augment, "crop", new NumberRange(1, 1), 0.01, 1),
            Aspect = augment.Number("aspect", 4.0 / 3, 1, 4),
            Flip = augment.Number("flip", 0, 0, 1),
            Brightness = augment.Number("brightness", 0, 0, 1),
            Contrast = augment.Number("contrast", 0, 0, 1),
            Saturation = augment.Number("saturation", 0, 0, 1),
            Hue = augment.Number("hue", 0, 0, 0.5),
            Grayscale = augment.Number("grayscale", 0, 0, 1),
            BlurShare = blur.Number("share", 0, 0, 1),
            Blur = ReadRange(blur, "deviation", new NumberRange(0.1, 1), 0, 16),
            NoiseShare = noise.Number("share", 0, 0, 1),
            Noise = ReadRange(noise, "deviation", new NumberRange(1, 8), 0, 255),
            CompressShare = compress.Number("share", 0, 0, 1),
            Quality = ReadRange(compress, "quality", new NumberRange(30, 95), 1, 100),
            CutoutShare = cutout.Number("share", 0, 0, 1),
            Cutout = ReadRange(cutout, "side", new NumberRange(0.1, 0.3), 0, 1),
        };
    }

    private static NumberRange ReadRange(ConfigSection section, string key, NumberRange otherwise, double least, double most)
    {
        var texts = section.Texts(key);
        var numbers = new double[2];
        if (texts.Count == 0)
        {
            return otherwise;
        }

        return texts.Count == 2 && Parse(texts[0], out numbers[0]) && Parse(texts[1], out numbers[1])
            && least <= numbers[0] && numbers[0] <= numbers[1] && numbers[1] <= most
            ? new NumberRange(numbers[0], numbers[1])
            : throw section.Wrong(key, string.Create(
                CultureInfo.InvariantCulture, $"is two numbers from {least} to {most}, the lower first, not [{string.Join(", ", texts)}]"));
    }

    private static bool Parse(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
}
