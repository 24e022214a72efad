namespace Sightline.Training.Data;

/// <summary>A rectangle as shares of a picture's sides.</summary>
internal readonly record struct Box(double Left, double Top, double Width, double Height)
{
    internal static Box Whole { get; } = new(0, 0, 1, 1);
}

/// <summary>What is done to one picture.</summary>
internal sealed record PictureChanges
{
    private const ulong OfChanges = 4;
    private const int CropTries = 10;

    internal static PictureChanges None { get; } = new();

    internal Box Crop { get; init; } = Box.Whole;

    internal bool IsFlipped { get; init; }

    /// <summary>Factors; 1 changes nothing.</summary>
    internal double Brightness { get; init; } = 1;

    /// <inheritdoc cref="Brightness"/>
    internal double Contrast { get; init; } = 1;

    /// <inheritdoc cref="Brightness"/>
    internal double Saturation { get; init; } = 1;

    /// <summary>Of a full turn.</summary>
    internal double Hue { get; init; }

    /// <summary>Standard deviation, pixels.</summary>
    internal double Blur { get; init; }

    /// <summary>Standard deviation, of 255.</summary>
    internal double Noise { get; init; }

    /// <summary>Of JPEG, 1 to 100; 0: not compressed.</summary>
    internal int Quality { get; init; }

    /// <summary>Filled with the picture's mean colour; without width: none.</summary>
    internal Box Cutout { get; init; }

    internal bool HasColour => Brightness != 1 || Contrast != 1 || Saturation != 1 || Hue != 0;

    /// <param name="place">Of the picture in the row of all pictures of a training.</param>
    internal static PictureChanges Draw(AugmentationOptions options, long seed, long place)
    {
        // Each is drawn whether or not it is used, so that one setting does not change what the others draw.
        var draw = new DrawSequence(seed, OfChanges, place);
        var crop = DrawCrop(options, ref draw);
        var isFlipped = draw.Happens(options.Flip);
        var brightness = 1 + options.Brightness * draw.Between(-1, 1);
        var contrast = 1 + options.Contrast * draw.Between(-1, 1);
        var saturation = 1 + options.Saturation * draw.Between(-1, 1);
        var hue = options.Hue * draw.Between(-1, 1);
        var isGrey = draw.Happens(options.Grayscale);
        var (blurs, blur) = (draw.Happens(options.BlurShare), options.Blur.Draw(ref draw));
        var (hasNoise, noise) = (draw.Happens(options.NoiseShare), options.Noise.Draw(ref draw));
        var (compresses, quality) = (draw.Happens(options.CompressShare), (int)Math.Round(options.Quality.Draw(ref draw)));
        var (cuts, width, height) = (draw.Happens(options.CutoutShare), options.Cutout.Draw(ref draw), options.Cutout.Draw(ref draw));
        var cutout = new Box(draw.Unit() * (1 - width), draw.Unit() * (1 - height), width, height);
        return new PictureChanges
        {
            Crop = crop,
            IsFlipped = isFlipped,
            Brightness = brightness,
            Contrast = contrast,
            Saturation = isGrey ? 0 : saturation,
            Hue = hue,
            Blur = blurs ? blur : 0,
            Noise = hasNoise ? noise : 0,
            Quality = compresses ? quality : 0,
            Cutout = cuts ? cutout : default,
        };
    }

    /// <summary>Share of the area evenly, aspect evenly in its logarithm, place evenly (Szegedy et al., "Going deeper with convolutions",
    /// 2015, section 6); where ten tries do not fit, the largest of the aspect of the last.</summary>
    private static Box DrawCrop(AugmentationOptions options, ref DrawSequence draw)
    {
        var (width, height) = (1.0, 1.0);
        for (var i = 0; i < CropTries; i++)
        {
            var area = options.Crop.Draw(ref draw);
            var aspect = Math.Exp(draw.Between(-1, 1) * Math.Log(options.Aspect));
            (width, height) = (Math.Sqrt(area * aspect), Math.Sqrt(area / aspect));
            if (width <= 1 && height <= 1)
            {
                return new Box(draw.Unit() * (1 - width), draw.Unit() * (1 - height), width, height);
            }
        }

        (width, height) = (Math.Min(1, width / height), Math.Min(1, height / width));
        return options.Crop.Least == 1
            ? Box.Whole : new Box(draw.Unit() * (1 - width), draw.Unit() * (1 - height), width, height);
    }
}
