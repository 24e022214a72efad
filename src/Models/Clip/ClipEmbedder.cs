using Sightline.Models.Images;
using Sightline.Models.Weights;

namespace Sightline.Models.Clip;

/// <summary>Where and in which precision a tower runs.</summary>
/// <param name="Device"><c>auto</c> (CUDA when there is one), <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
/// <param name="Precision"><c>auto</c> (bf16 where the device computes it natively), <c>fp32</c>, <c>bf16</c> or <c>fp16</c> (CUDA only).</param>
public sealed record ComputeOptions(string Device = "auto", string Precision = "auto");

/// <summary>A CLIP checkpoint as an embedder: both towers, the tokenizer and the preprocessing that belong to its weights.</summary>
public sealed class ClipEmbedder : IEmbedder
{
    /// <summary>Loads a model folder or checkpoint file of the CLIP family (see docs/models.md for the layouts).</summary>
    /// <exception cref="ModelFormatException">The file is damaged, or is not a CLIP checkpoint; says what was found and what was expected.</exception>
    public static ClipEmbedder Load(string path, ComputeOptions options) => throw new NotImplementedException();

    public EmbeddingSpace Space => throw new NotImplementedException();

    public int ImageSize => throw new NotImplementedException();

    /// <summary>What the model runs on, such as <c>cpu bf16</c> or <c>cuda:0 bf16</c>.</summary>
    public string Compute => throw new NotImplementedException();

    /// <inheritdoc/>
    public Embedding[] EmbedImages(IReadOnlyList<RgbImage> images, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public Embedding[] EmbedTexts(IReadOnlyList<string> texts, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
