namespace Sightline.Models.Images;

/// <summary>Encodes pictures with libvips.</summary>
public static class ImageEncoder
{
    /// <param name="quality">1 to 100.</param>
    public static byte[] EncodeWebp(RgbImage image, int quality = 80) => throw new NotImplementedException();

    /// <param name="quality">1 to 100.</param>
    public static byte[] EncodeJpeg(RgbImage image, int quality = 85) => throw new NotImplementedException();

    public static byte[] EncodePng(RgbImage image) => throw new NotImplementedException();

    /// <summary>Shrinks a picture to fit a box, keeping its aspect; a picture that fits is returned as it is.</summary>
    public static RgbImage Fit(RgbImage image, int maxWidth, int maxHeight) => throw new NotImplementedException();
}
