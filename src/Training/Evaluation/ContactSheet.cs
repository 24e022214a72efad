using Sightline.Models.Images;

namespace Sightline.Training.Evaluation;

/// <summary>Pictures beside each other, to look at.</summary>
internal static class ContactSheet
{
    private const int Gap = 4;
    private const byte Paper = 255;

    /// <param name="rows">From the top, each from the left; all pictures of one size.</param>
    internal static RgbImage Draw(IReadOnlyList<IReadOnlyList<RgbImage>> rows)
    {
        var (w, h) = (rows[0][0].Width, rows[0][0].Height);
        var width = Gap + rows.Max(r => r.Count) * (w + Gap);
        var height = Gap + rows.Count * (h + Gap);
        var pixels = new byte[width * height * 3];
        Array.Fill(pixels, Paper);
        foreach (var (row, pictures) in rows.Index())
        {
            foreach (var (column, picture) in pictures.Index())
            {
                for (var y = 0; y < h; y++)
                {
                    var to = ((Gap + row * (h + Gap) + y) * width + Gap + column * (w + Gap)) * 3;
                    picture.Pixels.AsSpan(y * w * 3, w * 3).CopyTo(pixels.AsSpan(to));
                }
            }
        }

        return new RgbImage(width, height, pixels);
    }
}
