namespace Sightline.Models.Images;

/// <summary>The kernels of Pillow's <c>Image.Resampling</c> that models are trained with.</summary>
public enum ResampleFilter
{
    /// <summary>Triangle, support 1.</summary>
    Bilinear,

    /// <summary>Cubic convolution with a = -0.5, support 2.</summary>
    Bicubic,

    /// <summary>Windowed sinc, support 3.</summary>
    Lanczos,
}

/// <summary>A part of a picture, in pixels.</summary>
public readonly record struct CropBox(int Left, int Top, int Width, int Height);
