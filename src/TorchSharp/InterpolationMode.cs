namespace TorchSharp;

public static partial class torch
{
    /// <summary>How a resized picture's pixels are computed.</summary>
    public enum InterpolationMode
    {
        Nearest = 0,
        Bilinear = 2,
        Bicubic = 3,
    }
}
