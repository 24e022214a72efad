using Sightline.Models.Clip;
using Sightline.Models.Images;
using Sightline.TestKit;

namespace Sightline.Models.Tests.Images;

public sealed class ShrinkOnLoadTests
{
    private static readonly string Bundled = Path.Combine(Repository.Root, "models", ModelCatalog.Default);

    [SharedTheory]
    [InlineData("jpg_3000x2000.jpg", false)]
    [InlineData("jpg_3000x2000.jpg", true)]
    [InlineData("jpg_1600x300.jpg", false)]
    public void An_embedding_of_a_picture_shrunk_while_loading_is_that_of_the_whole_one(string name, bool asWebp)
    {
        using var embedder = ClipEmbedder.Load(Bundled, new ComputeOptions("cpu", "fp32"));
        var file = File.ReadAllBytes(SharedData.PathOf("golden", "preprocess", name));
        if (asWebp)
        {
            Assert.True(ImageDecoder.TryDecode(file, new DecodeOptions(), out var picture, out _));
            file = ImageEncoder.EncodeWebp(picture!.Pixels, 90);
        }

        Assert.True(ImageDecoder.TryDecode(file, new DecodeOptions(), out var whole, out _));
        Assert.True(ImageDecoder.TryDecode(file, new DecodeOptions(ShorterSide: 4 * embedder.ImageSize), out var shrunk, out _));

        var embeddings = embedder.EmbedImages([whole!.Pixels, shrunk!.Pixels], default);

        Assert.True(name.StartsWith("jpg_1600", StringComparison.Ordinal) || shrunk.Pixels.Width < whole.Pixels.Width);
        Assert.InRange(embeddings[0].Similarity(embeddings[1]), 0.999f, 1.0001f);
    }
}
