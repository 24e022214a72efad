using System.Text;
using Sightline.Curation;
using Sightline.Models.Images;
using Sightline.TestKit;

namespace Sightline.Indexer.Tests.Measure;

/// <summary>A dataset in a folder of a test's own, made pair by pair.</summary>
internal sealed class DatasetFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<(string Caption, string Image, string Url, string Sha256)> _pairs = [];

    internal PairDataset Dataset => new(_folder.PathOf("dataset"));

    public void Dispose() => _folder.Dispose();

    internal string PathOf(string name) => _folder.PathOf(name);

    internal string Write(string name, byte[] content)
    {
        File.WriteAllBytes(PathOf(name), content);
        return PathOf(name);
    }

    internal void Add(string caption, string image = "", string url = "", string sha256 = "") => _pairs.Add((caption, image, url, sha256));

    internal PairDataset Save()
    {
        foreach (var (number, part) in _pairs.Chunk(PairDataset.PartRows).Index())
        {
            var batch = new PairBatch((long)number * PairDataset.PartRows);
            foreach (var (row, (caption, image, url, sha256)) in part.Index())
            {
                batch.Add(new NewPair
                {
                    Key = Encoding.UTF8.GetBytes($"k{batch.FirstRow + row}"),
                    Caption = Encoding.UTF8.GetBytes(caption),
                    Image = Encoding.UTF8.GetBytes(image),
                    Url = Encoding.UTF8.GetBytes(url),
                    Sha256 = Encoding.UTF8.GetBytes(sha256),
                });
            }

            Dataset.WritePart(number, batch, new CaptionFacts[part.Length], new Dictionary<string, string>());
        }

        return Dataset;
    }

    internal static RgbImage Plain(int width, int height, byte red, byte green, byte blue)
    {
        var pixels = new byte[width * height * 3];
        for (var i = 0; i < pixels.Length; i += 3)
        {
            (pixels[i], pixels[i + 1], pixels[i + 2]) = (red, green, blue);
        }

        return new RgbImage(width, height, pixels);
    }

    internal static RgbImage Noise(int width, int height, int seed)
    {
        var pixels = new byte[width * height * 3];
        new Random(seed).NextBytes(pixels);
        return new RgbImage(width, height, pixels);
    }
}
