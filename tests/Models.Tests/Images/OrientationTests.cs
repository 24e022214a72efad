using Sightline.Models.Images;
using Sightline.TestKit;

namespace Sightline.Models.Tests.Images;

/// <summary>The eight ways a camera may be held: pixels stored so that each is upright once its EXIF orientation is applied.</summary>
public sealed class OrientationTests
{
    private const int Width = 96, Height = 64;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void All_eight_orientations_look_alike(int orientation)
    {
        var upright = Upright();
        var file = ExifJpeg.WithExif(ImageEncoder.EncodeJpeg(Stored(upright, orientation), 98), orientation);

        Assert.True(ImageDecoder.TryDecode(file, new DecodeOptions(), out var image, out var fault), fault?.Detail);

        Assert.Equal((Width, Height, orientation), (image!.Pixels.Width, image.Pixels.Height, image.Metadata.Orientation));
        Assert.Equal((Width, Height), (image.Metadata.Width, image.Metadata.Height));
        Assert.InRange(upright.Pixels.Zip(image.Pixels.Pixels, (a, b) => Math.Abs(a - b)).Average(), 0, 4);
    }

    // Smooth and without any symmetry, so that a wrong turn shows and JPEG loses little.
    private static RgbImage Upright()
    {
        var pixels = new byte[Width * Height * 3];
        for (var i = 0; i < Width * Height; i++)
        {
            pixels[i * 3] = (byte)(i % Width * 255 / Width);
            pixels[i * 3 + 1] = (byte)(i / Width * 255 / Height);
            pixels[i * 3 + 2] = (byte)(i % Width + i / Width);
        }

        return new RgbImage(Width, Height, pixels);
    }

    // EXIF 2.32, 4.6.4, tag Orientation: where row 0 and column 0 of the stored picture lie in the upright one.
    private static RgbImage Stored(RgbImage upright, int orientation)
    {
        var turned = orientation >= 5;
        var (width, height) = turned ? (Height, Width) : (Width, Height);
        var pixels = new byte[upright.Pixels.Length];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (u, v) = orientation switch
                {
                    1 => (x, y),
                    2 => (Width - 1 - x, y),
                    3 => (Width - 1 - x, Height - 1 - y),
                    4 => (x, Height - 1 - y),
                    5 => (y, x),
                    6 => (Width - 1 - y, x),
                    7 => (Width - 1 - y, Height - 1 - x),
                    _ => (y, Height - 1 - x),
                };
                upright.Pixels.AsSpan((v * Width + u) * 3, 3).CopyTo(pixels.AsSpan((y * width + x) * 3));
            }
        }

        return new RgbImage(width, height, pixels);
    }
}
