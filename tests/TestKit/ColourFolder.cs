using System.Text;
using Sightline.Models.Images;

namespace Sightline.TestKit;

/// <summary>A folder of plain pictures, nearly red, green or blue, with a table that gives each its colour as caption or as label.</summary>
public static class ColourFolder
{
    public static readonly string[] Colours = ["red", "green", "blue"];

    /// <param name="count">Pictures.</param>
    /// <param name="captions">True: captions.tsv, in English with the picture's number; false: labels.tsv.</param>
    public static void Write(string folder, int count, bool captions)
    {
        Directory.CreateDirectory(folder);
        var table = new StringBuilder(captions ? "image\tlang\tcaption\n" : "path\tlabel\n");
        for (var i = 0; i < count; i++)
        {
            var name = $"{i:D4}.png";
            File.WriteAllBytes(Path.Combine(folder, name), ImageEncoder.EncodePng(Draw(i)));
            var colour = Colours[i % Colours.Length];
            table.Append(captions ? $"{name}\ten\ta {colour} picture, number {i}\n" : $"{name}\t{colour}\n");
        }

        File.WriteAllText(Path.Combine(folder, captions ? "captions.tsv" : "labels.tsv"), table.ToString());
    }

    /// <summary>12 x 12, of the colour with the picture's number over the number of colours left; each a little different.</summary>
    public static RgbImage Draw(int number)
    {
        var random = new Random(number);
        var pixels = new byte[12 * 12 * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)((i % 3 == number % 3 ? 180 : 30) + random.Next(50));
        }

        return new RgbImage(12, 12, pixels);
    }
}
