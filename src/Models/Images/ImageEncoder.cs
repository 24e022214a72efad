namespace Sightline.Models.Images;

/// <summary>Encodes pictures with libvips. Files carry no metadata. An error is an exception: the pixels are ours.</summary>
public static class ImageEncoder
{
    /// <param name="quality">1 to 100.</param>
    /// <param name="effort">0 (fast) to 6 (small).</param>
    public static byte[] EncodeWebp(RgbImage image, int quality = 80, int effort = 4) => Encode(image, NativeFormat.Webp, quality, effort);

    /// <param name="quality">1 to 100.</param>
    public static byte[] EncodeJpeg(RgbImage image, int quality = 85) => Encode(image, NativeFormat.Jpeg, quality, 0);

    public static byte[] EncodePng(RgbImage image) => Encode(image, NativeFormat.Png, 100, 6);

    /// <summary>Shrinks a picture to fit a box, keeping its aspect; a picture that fits is returned as it is.</summary>
    public static RgbImage Fit(RgbImage image, int maxWidth, int maxHeight)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxWidth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxHeight, 1);
        var scale = Math.Min((double)maxWidth / image.Width, (double)maxHeight / image.Height);
        return scale >= 1
            ? image
            : PillowResample.Resize(image, Scaled(image.Width, scale, maxWidth), Scaled(image.Height, scale, maxHeight),
                ResampleFilter.Bicubic);
    }

    private static int Scaled(int side, double scale, int most) => Math.Clamp((int)Math.Round(side * scale), 1, most);

    internal static byte[] Encode(RgbImage image, NativeFormat format, int quality, int effort)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        return LibVips.Encode(image, format, quality, effort);
    }
}
