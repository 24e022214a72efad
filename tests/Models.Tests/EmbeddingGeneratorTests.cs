using Microsoft.Extensions.AI;
using Sightline.Models.Clip;
using Sightline.Models.Images;
using Sightline.TestKit;

namespace Sightline.Models.Tests;

/// <summary>The bundled model through Microsoft.Extensions.AI's interface.</summary>
public sealed class EmbeddingGeneratorTests : IDisposable
{
    private readonly ClipEmbedder _embedder = ClipEmbedder.Load(Path.Combine(Repository.Root, "models", "sightline-clip-0"), new ComputeOptions());

    public void Dispose() => _embedder.Dispose();

    [Fact]
    public async Task Texts_and_pictures_are_embedded_as_by_the_embedder()
    {
        IEmbeddingGenerator<string, Embedding<float>> texts = new EmbeddingGenerator(_embedder);
        IEmbeddingGenerator<DataContent, Embedding<float>> pictures = new EmbeddingGenerator(_embedder);
        var image = new RgbImage(40, 30, [.. Enumerable.Range(0, 40 * 30).SelectMany(i => new byte[] { 200, (byte)i, 30 })]);

        var fromTexts = await texts.GenerateAsync(["a dog", "ein Hund"]);
        var fromPictures = await pictures.GenerateAsync([new DataContent(ImageEncoder.EncodePng(image), "image/png")]);

        Assert.Equal(_embedder.EmbedTexts(["a dog", "ein Hund"], default).Select(e => e.Values.ToArray()), fromTexts.Select(e => e.Vector.ToArray()));
        Assert.True(fromTexts.Usage!.InputTokenCount >= 8);
        Assert.Equal(_embedder.EmbedImages([image], default)[0].Values.ToArray(), Assert.Single(fromPictures).Vector.ToArray());
        Assert.Equal(256, (await texts.GenerateVectorAsync("a dog")).Length);
        Assert.Equal(("sightline-clip-0", 256), texts.GetService<EmbeddingGeneratorMetadata>() is { } m ? (m.DefaultModelId, m.DefaultModelDimensions) : default);
        Assert.Same(_embedder, texts.GetService<IEmbedder>());
    }

    [Fact]
    public async Task What_the_model_cannot_do_is_refused_by_name()
    {
        IEmbeddingGenerator<string, Embedding<float>> texts = new EmbeddingGenerator(_embedder);
        IEmbeddingGenerator<DataContent, Embedding<float>> pictures = new EmbeddingGenerator(_embedder);

        Assert.Contains("1024", (await Assert.ThrowsAsync<ArgumentException>(() => texts.GenerateAsync(["a"], new() { Dimensions = 1024 }))).Message, StringComparison.Ordinal);
        Assert.Contains("other", (await Assert.ThrowsAsync<ArgumentException>(() => texts.GenerateAsync(["a"], new() { ModelId = "other" }))).Message, StringComparison.Ordinal);
        Assert.Contains("Picture 0", (await Assert.ThrowsAsync<ArgumentException>(() => pictures.GenerateAsync([new DataContent("no picture"u8.ToArray(), "image/png")]))).Message, StringComparison.Ordinal);
    }
}
