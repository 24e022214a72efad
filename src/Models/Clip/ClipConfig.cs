using Sightline.Models.Images;

namespace Sightline.Models.Clip;

/// <summary>The nonlinearity inside a block.</summary>
internal enum Activation
{
    /// <summary>x sigmoid(1.702 x): OpenAI's models and those trained after them.</summary>
    QuickGelu,

    /// <summary>x Phi(x): most of open_clip's.</summary>
    Gelu,
}

/// <summary>How a picture becomes a square.</summary>
internal enum ResizeMode
{
    /// <summary>The shorter side to the size, then the centre.</summary>
    Shortest,

    /// <summary>Both sides to the size, whatever the aspect.</summary>
    Squash,

    /// <summary>The longer side to the size, black around it.</summary>
    Longest,
}

/// <summary>A transformer's sizes.</summary>
internal sealed record TransformerConfig(int Width, int Layers, int Heads, int MlpWidth, double NormEps);

/// <summary>A vision transformer over square patches.</summary>
internal sealed record VisionTransformerConfig(TransformerConfig Transformer, int Patch);

/// <summary>A modified ResNet: blocks of the four stages, width of the first, heads of the attention pool.</summary>
internal sealed record ResNetConfig(int[] Blocks, int Width, int Heads);

/// <summary>
/// The shape of a CLIP model and how its inputs are made. Exactly one of the vision towers is set.
/// </summary>
/// <param name="EmbedDim">Components of an embedding.</param>
/// <param name="ImageSize">Side of the square that the image tower sees, in pixels.</param>
/// <param name="ContextLength">Positions of the text tower.</param>
/// <param name="VocabularySize">Rows of the token table.</param>
/// <param name="EndToken">The first position of this id is pooled; null: the first position of the highest id (OpenAI; Hugging Face's
/// legacy eos 2).</param>
/// <param name="FloorCrop">The centre crop's offset is rounded down (Hugging Face) rather than to even (torchvision).</param>
internal sealed record ClipConfig(
    int EmbedDim, int ImageSize, VisionTransformerConfig? Vision, ResNetConfig? ResNet, TransformerConfig Text, int ContextLength,
    int VocabularySize, Activation Activation, int? EndToken, float[] Mean, float[] Std, ResizeMode Resize, ResampleFilter Filter,
        bool FloorCrop)
{
    internal static readonly float[] OpenAiMean = [0.48145466f, 0.4578275f, 0.40821073f];

    internal static readonly float[] OpenAiStd = [0.26862954f, 0.26130258f, 0.27577711f];
}
