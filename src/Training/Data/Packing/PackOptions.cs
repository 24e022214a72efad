using System.Globalization;

namespace Sightline.Training.Data;

/// <summary>How a picture becomes a square.</summary>
internal enum PictureFit
{
    /// <summary>The shorter side to the square's, then the middle.</summary>
    Crop,

    /// <summary>Both sides to the square's.</summary>
    Squash,
}

/// <summary>How pictures are packed; section <c>pack</c> of a configuration.</summary>
/// <param name="Side">Of the squares, pixels, 8 to 1,024.</param>
/// <param name="Background">0xRRGGBB, behind what is transparent.</param>
internal sealed record PackOptions(int Side, PictureFit Fit = PictureFit.Crop, int Background = 0xFFFFFF)
{
    internal const int LeastSide = 8;
    internal const int MostSide = 1024;

    /// <summary>Sides of squares for training, over the model's input: random crops need room.</summary>
    internal const double DefaultScale = 1.15;

    /// <param name="input">Side of the model's input, pixels; null: the setting <c>input</c> says it.</param>
    /// <param name="isTraining">False: squares are the model's input, made as its own preprocessing makes it.</param>
    /// <exception cref="TrainingConfigException">A setting is unknown or not what it should be.</exception>
    internal static PackOptions Read(ConfigSection pack, int? input, bool isTraining)
    {
        var side = ReadSide(pack, ReadInput(pack, input), isTraining);
        var fit = pack.Choice("fit", "crop", "crop", "squash") == "squash" ? PictureFit.Squash : PictureFit.Crop;
        return new PackOptions(side, fit, ReadBackground(pack));
    }

    private static int ReadInput(ConfigSection pack, int? known)
    {
        var given = pack.Has("input") ? (int)pack.Integer("input", 0, LeastSide, MostSide) : (int?)null;
        return given is not null && known is not null && given != known
            ? throw pack.Wrong("input", string.Create(CultureInfo.InvariantCulture, $"is {given}, and the model's input is {known}"))
            : known ?? given ?? throw pack.Wrong("input", "is needed: the side of the model's input, pixels");
    }

    private static int ReadSide(ConfigSection pack, int input, bool isTraining)
    {
        var scale = pack.Number("scale", DefaultScale, 1, 8);
        var side = (int)pack.Integer("side", (long)Math.Round(input * scale), LeastSide, MostSide);
        if (side < input)
        {
            throw pack.Wrong("side", string.Create(CultureInfo.InvariantCulture, $"is {side}, less than the model's input, {input}"));
        }

        return isTraining ? side : input;
    }

    private static int ReadBackground(ConfigSection pack)
    {
        var text = pack.Text("background") ?? "#ffffff";
        return text.Length == 7 && text[0] == '#'
            && int.TryParse(text.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var colour)
            ? colour : throw pack.Wrong("background", $"is a colour such as \"#ffffff\", not {text}");
    }
}
