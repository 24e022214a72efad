namespace TorchSharp;

public enum InterpolationMode
{
    Nearest,
    Linear,
    Bilinear,
    Bicubic,
}
