using Sightline.Models.Images;

namespace Sightline.Models;

/// <summary>
/// Turns pictures and texts into embeddings of one space. Preprocessing and tokenizing happen inside and come with the model.
/// Implementations are thread-safe but run one batch at a time; share one through a <see cref="DeviceQueue"/>.
/// </summary>
public interface IEmbedder : IDisposable
{
    EmbeddingSpace Space { get; }

    /// <summary>Side of the square that the image tower sees, in pixels.</summary>
    int ImageSize { get; }

    /// <summary>Embeds a batch of pictures, in order. An empty batch gives an empty result.</summary>
    Embedding[] EmbedImages(IReadOnlyList<RgbImage> images, CancellationToken cancellationToken);

    /// <summary>Embeds a batch of texts, in order. A text longer than the model's context is cut and still ends with the end
    /// token.</summary>
    Embedding[] EmbedTexts(IReadOnlyList<string> texts, CancellationToken cancellationToken);

    /// <summary>Tokens that the model reads of a text, the start and the end token included.</summary>
    int CountTokens(string text);
}
