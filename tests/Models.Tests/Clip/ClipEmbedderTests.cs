using Sightline.Models.Clip;
using Sightline.Models.Images;
using Sightline.TestKit;
using TorchSharp;

namespace Sightline.Models.Tests.Clip;

public sealed class ClipEmbedderTests
{
    private static string Bundled => Path.Combine(Repository.Root, "models", "sightline-clip-0");

    [Fact]
    public void Embedding_leaves_no_tensor_behind()
    {
        var images = Enumerable.Range(1, 4).Select(Grey).ToArray();
        var start = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var embedder = ClipEmbedder.Load(Bundled, new ComputeOptions("cpu", "fp32")))
        {
            var loaded = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            for (var i = 0; i < 5; i++)
            {
                embedder.EmbedImages(images, CancellationToken.None);
                embedder.EmbedTexts(["a red ball", "two green squares on a table"], CancellationToken.None);
            }

            Assert.Equal(loaded, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            Assert.True(loaded > start);
        }

        Assert.Equal(start, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static RgbImage Grey(int shade)
    {
        var pixels = new byte[8 * 8 * 3];
        Array.Fill(pixels, (byte)(shade * 50));
        return new RgbImage(8, 8, pixels);
    }
}
