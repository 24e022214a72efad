using Sightline.Models.Images;

namespace Sightline.Training.Data;

/// <summary>Makes files squares: 3 planes of side x side bytes.</summary>
internal static class SquarePicture
{
    // Of the squares' side: what the indexer decodes at too, so that a picture packed at a model's input is the one that is searched.
    private const int ShrinkBound = 4;

    /// <returns>Null, or why the file gives no picture.</returns>
    internal static ImageFault? Decode(ReadOnlySpan<byte> file, PackOptions options, Span<byte> planes)
    {
        var decode = new DecodeOptions(ShorterSide: ShrinkBound * options.Side, Background: options.Background);
        if (!ImageDecoder.TryDecode(file, decode, out var image, out var fault))
        {
            return fault;
        }

        ToPlanes(Fit(image!.Pixels, options).Pixels, planes);
        return null;
    }

    /// <summary>As <c>ClipPreprocess</c>: bicubic as Pillow computes it, the longer side rounded down, the crop's offset to even.</summary>
    private static RgbImage Fit(RgbImage image, PackOptions options)
    {
        var side = options.Side;
        if (options.Fit == PictureFit.Squash)
        {
            return PillowResample.Resize(image, side, side, ResampleFilter.Bicubic);
        }

        var (width, height) = image.Width <= image.Height
            ? (side, (int)((long)side * image.Height / image.Width)) : ((int)((long)side * image.Width / image.Height), side);
        var crop = new CropBox(Offset(width, side), Offset(height, side), side, side);
        return PillowResample.ResizeAndCrop(image, width, height, crop, ResampleFilter.Bicubic);
    }

    private static int Offset(int length, int side) => (int)Math.Round((length - side) / 2.0, MidpointRounding.ToEven);

    private static void ToPlanes(ReadOnlySpan<byte> pixels, Span<byte> planes)
    {
        var area = pixels.Length / 3;
        var red = planes[..area];
        var green = planes.Slice(area, area);
        var blue = planes.Slice(2 * area, area);
        for (var i = 0; i < area; i++)
        {
            (red[i], green[i], blue[i]) = (pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]);
        }
    }
}
