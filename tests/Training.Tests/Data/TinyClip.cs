using Sightline.Models.Clip;
using Sightline.Models.Images;

namespace Sightline.Training.Tests.Data;

/// <summary>A model's shape, for its preprocessing.</summary>
internal static class TinyClip
{
    internal static ClipConfig Config(int size)
    {
        var transformer = new TransformerConfig(8, 1, 1, 16, 1e-5);
        return new ClipConfig(
            8, size, new VisionTransformerConfig(transformer, size), null, transformer, 8, 100, Activation.QuickGelu, null,
            ClipConfig.OpenAiMean, ClipConfig.OpenAiStd, ResizeMode.Shortest, ResampleFilter.Bicubic, FloorCrop: false);
    }
}
