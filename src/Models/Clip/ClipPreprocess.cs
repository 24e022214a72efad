using Sightline.Models.Images;

namespace Sightline.Models.Clip;

/// <summary>Makes a picture the square that an image tower was trained on: resized as Pillow does, then cropped. Numbers come on the
/// device.</summary>
internal sealed class ClipPreprocess(ClipConfig config)
{
    private readonly int _size = config.ImageSize;

    /// <summary>Writes S x S x 3 bytes.</summary>
    internal void Fill(RgbImage image, Span<byte> square) => Square(image).Pixels.CopyTo(square);

    private RgbImage Square(RgbImage image)
    {
        if (config.Resize == ResizeMode.Squash)
        {
            return PillowResample.Resize(image, _size, _size, config.Filter);
        }

        if (config.Resize == ResizeMode.Longest)
        {
            return Framed(image);
        }

        // The longer side is rounded down, as torchvision and Hugging Face do.
        var (width, height) = image.Width <= image.Height
            ? (_size, (int)((long)_size * image.Height / image.Width))
            : ((int)((long)_size * image.Width / image.Height), _size);
        return PillowResample.ResizeAndCrop(image, width, height, new CropBox(Offset(width), Offset(height), _size, _size), config.Filter);
    }

    private int Offset(int side) =>
        config.FloorCrop ? (side - _size) / 2 : (int)Math.Round((side - _size) / 2.0, MidpointRounding.ToEven);

    private RgbImage Framed(RgbImage image)
    {
        var longest = Math.Max(image.Width, image.Height);
        var width = Math.Max(1, (int)Math.Round((double)image.Width * _size / longest));
        var height = Math.Max(1, (int)Math.Round((double)image.Height * _size / longest));
        var small = PillowResample.Resize(image, width, height, config.Filter);
        var square = new byte[_size * _size * 3];
        for (var y = 0; y < height; y++)
        {
            small.Pixels.AsSpan(y * width * 3, width * 3).CopyTo(square.AsSpan(((y + Offset2(height)) * _size + Offset2(width)) * 3));
        }

        return new RgbImage(_size, _size, square);
    }

    private int Offset2(int side) => (_size - side) / 2;
}
