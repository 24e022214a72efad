using Sightline.Curation;
using Sightline.Models.Images;

namespace Sightline.Indexer.Download;

/// <summary>Resizes as a download's settings say, with antialiasing (bicubic, as Pillow's).</summary>
internal static class ImageResizer
{
    /// <summary>The same picture where nothing is to be done.</summary>
    internal static RgbImage Resize(RgbImage image, ResizeMode mode, int size, bool enlarge)
    {
        var (shorter, longer) = (Math.Min(image.Width, image.Height), Math.Max(image.Width, image.Height));
        var from = mode is ResizeMode.KeepRatioSmallest or ResizeMode.CenterCrop ? shorter : longer;
        if (mode == ResizeMode.None || from == size || (from < size && !enlarge))
        {
            // What is too small to shrink is neither cut nor padded, as in img2dataset.
            return from == size && mode == ResizeMode.Border ? Pad(image, size) : from == size && mode == ResizeMode.CenterCrop ? Crop(image, size) : image;
        }

        var (width, height) = (Scale(image.Width), Scale(image.Height));
        return mode switch
        {
            ResizeMode.CenterCrop => PillowResample.ResizeAndCrop(
                image, width, height, new CropBox((width - size) / 2, (height - size) / 2, size, size), ResampleFilter.Bicubic),
            ResizeMode.Border => Pad(PillowResample.Resize(image, width, height, ResampleFilter.Bicubic), size),
            _ => PillowResample.Resize(image, width, height, ResampleFilter.Bicubic),
        };

        int Scale(int side) => (int)Math.Max(1, ((2L * side * size) + from) / (2L * from));
    }

    private static RgbImage Crop(RgbImage image, int size) => PillowResample.ResizeAndCrop(
        image, image.Width, image.Height, new CropBox((image.Width - size) / 2, (image.Height - size) / 2, size, size), ResampleFilter.Bicubic);

    private static RgbImage Pad(RgbImage image, int size)
    {
        var pixels = new byte[size * size * 3];
        Array.Fill(pixels, (byte)255);
        var (left, top) = ((size - image.Width) / 2, (size - image.Height) / 2);
        for (var y = 0; y < image.Height; y++)
        {
            image.Pixels.AsSpan(y * image.Width * 3, image.Width * 3).CopyTo(pixels.AsSpan((((top + y) * size) + left) * 3));
        }

        return new RgbImage(size, size, pixels);
    }
}
