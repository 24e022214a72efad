using Sightline.Models.Images;
using static TorchSharp.torch;

namespace Sightline.Training.Generation;

/// <summary>Pictures of one size in rows, on white.</summary>
internal static class PictureSheet
{
    private const int Gap = 2;

    /// <param name="rows">At least one picture; rows may differ in length.</param>
    internal static RgbImage Arrange(IReadOnlyList<IReadOnlyList<RgbImage>> rows)
    {
        var (width, height) = (rows[0][0].Width, rows[0][0].Height);
        var sheetWidth = rows.Max(r => r.Count) * (width + Gap) - Gap;
        var sheet = new byte[(rows.Count * (height + Gap) - Gap) * sheetWidth * 3];
        Array.Fill(sheet, byte.MaxValue);
        for (var row = 0; row < rows.Count; row++)
        {
            for (var column = 0; column < rows[row].Count; column++)
            {
                for (var y = 0; y < height; y++)
                {
                    var to = ((row * (height + Gap) + y) * sheetWidth + column * (width + Gap)) * 3;
                    rows[row][column].Pixels.AsSpan(y * width * 3, width * 3).CopyTo(sheet.AsSpan(to));
                }
            }
        }

        return new RgbImage(sheetWidth, sheet.Length / sheetWidth / 3, sheet);
    }

    /// <param name="pixels">[N, 3, H, W] in [0, 1].</param>
    internal static IReadOnlyList<RgbImage> Pictures(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        var bytes = (pixels * 255 + 0.5).to(ScalarType.Byte).permute(0, 2, 3, 1).contiguous().cpu(); // [N, H, W, 3]
        var (height, width) = ((int)bytes.size(1), (int)bytes.size(2));
        return [.. bytes.bytes.ToArray().Chunk(height * width * 3).Select(picture => new RgbImage(width, height, picture))];
    }
}
