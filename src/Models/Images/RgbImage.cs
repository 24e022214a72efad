namespace Sightline.Models.Images;

/// <summary>An 8-bit sRGB picture: rows from the top, <c>R G B</c> interleaved, no padding.</summary>
public sealed class RgbImage
{
    /// <exception cref="ArgumentException">A side is not positive, or the buffer is not width x height x 3 bytes.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        if (width <= 0 || height <= 0 || pixels.Length != (long)width * height * 3)
        {
            throw new ArgumentException($"{pixels.Length} bytes are not a picture of {width} x {height} x 3.", nameof(pixels));
        }

        Width = width;
        Height = height;
        Pixels = pixels;
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>The picture's own buffer, Height x Width x 3 bytes; not a copy.</summary>
    public byte[] Pixels { get; }
}
