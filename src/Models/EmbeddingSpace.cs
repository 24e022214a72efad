namespace Sightline.Models;

/// <summary>What makes two vectors comparable: the model, its exact weights and the number of dimensions.</summary>
/// <param name="Model">The model's name, such as <c>sightline-clip-0</c> or <c>ViT-B-32__openai</c>.</param>
/// <param name="Digest">SHA-256 of the weights, lower-case hexadecimal.</param>
/// <param name="Dimensions">Components of a vector.</param>
public sealed record EmbeddingSpace(string Model, string Digest, int Dimensions)
{
    public override string ToString() => $"{Model}@{Digest[..Math.Min(8, Digest.Length)]}/{Dimensions}";
}
