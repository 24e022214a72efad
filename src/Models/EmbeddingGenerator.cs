using Microsoft.Extensions.AI;
using Sightline.Models.Images;

namespace Sightline.Models;

/// <summary>
/// Our models for other .NET programs, through Microsoft.Extensions.AI: texts, and pictures as data content. One batch at a time, like
/// the embedder; whoever created that disposes it.
/// </summary>
public sealed class EmbeddingGenerator(IEmbedder embedder)
    : IEmbeddingGenerator<string, Embedding<float>>, IEmbeddingGenerator<DataContent, Embedding<float>>
{
    private readonly EmbeddingGeneratorMetadata _metadata = new("sightline", null, embedder.Space.Model, embedder.Space.Dimensions);

    /// <param name="values">Texts; one longer than the model's context is cut.</param>
    /// <param name="options">ModelId and Dimensions must be the model's where they are set.</param>
    /// <param name="cancellationToken">Stops before the next batch.</param>
    /// <returns>Unit-length vectors in order, with the tokens that were read.</returns>
    /// <exception cref="ArgumentException">The options ask for another model or number of dimensions.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        Check(options);
        string[] texts = [.. values];
        return Task.Run(() =>
        {
            var tokens = texts.Sum(embedder.CountTokens);
            return Wrap(embedder.EmbedTexts(texts, cancellationToken), new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens });
        }, cancellationToken);
    }

    /// <param name="values">Pictures: the bytes of image files.</param>
    /// <inheritdoc cref="GenerateAsync(IEnumerable{string}, EmbeddingGenerationOptions?, CancellationToken)"/>
    /// <exception cref="ArgumentException">One is no picture; says which and why.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        Check(options);
        DataContent[] files = [.. values];
        return Task.Run(() => Wrap(embedder.EmbedImages([.. files.Select(Decode)], cancellationToken), null), cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
        : serviceType.IsInstanceOfType(this) ? this
        : serviceType.IsInstanceOfType(embedder) ? embedder
        : null;

    /// <summary>Does nothing: the embedder is not ours.</summary>
    public void Dispose()
    {
    }

    private void Check(EmbeddingGenerationOptions? options)
    {
        if (options?.ModelId is { } model && model != embedder.Space.Model)
        {
            throw new ArgumentException($"The model is {embedder.Space.Model}, not {model}.");
        }

        if (options?.Dimensions is { } dimensions && dimensions != embedder.Space.Dimensions)
        {
            throw new ArgumentException($"{embedder.Space.Model} gives {embedder.Space.Dimensions} dimensions, not {dimensions}.");
        }
    }

    private GeneratedEmbeddings<Embedding<float>> Wrap(Embedding[] embeddings, UsageDetails? usage) =>
        new(embeddings.Select(e => new Embedding<float>(e.Memory) { ModelId = embedder.Space.Model })) { Usage = usage };

    private static RgbImage Decode(DataContent file, int index) =>
        ImageDecoder.TryDecode(file.Data.Span, new DecodeOptions(), out var image, out var fault)
            ? image!.Pixels
            : throw new ArgumentException($"Picture {index}: {fault!.Detail} ({fault.Reason})");
}
