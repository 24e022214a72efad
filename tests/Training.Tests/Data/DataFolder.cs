using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Sightline.Models.Images;
using Sightline.TestKit;
using Sightline.Training.Data;

namespace Sightline.Training.Tests.Data;

/// <summary>A folder with pictures of a test's own, and what is packed of them.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    internal string PathOf(params string[] parts) => _folder.PathOf(parts);

    /// <summary>A picture that no other number gives: smooth, so that losses change it little.</summary>
    internal static RgbImage Picture(int number, int width = 20, int height = 16)
    {
        var random = new Random(number);
        var (from, to) = (new byte[3], new byte[3]);
        random.NextBytes(from);
        random.NextBytes(to);
        var pixels = new byte[width * height * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (x, y, c) = (i / 3 % width, i / 3 / width, i % 3);
            var share = (x + y) / (double)(width + height - 2);
            pixels[i] = (byte)(from[c] * (1 - share) + to[c] * share);
        }

        return new RgbImage(width, height, pixels);
    }

    internal static byte[] Png(int number, int width = 20, int height = 16) => ImageEncoder.EncodePng(Picture(number, width, height));

    internal string AddFile(string name, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllBytes(PathOf(name), bytes);
        return PathOf(name);
    }

    internal string AddText(string name, string text) => AddFile(name, Encoding.UTF8.GetBytes(text));

    /// <summary>Pictures with captions beside them: <c>pictures/0.png</c> with "picture 0", and so on.</summary>
    internal void AddPictures(int count, string folder = "pictures")
    {
        for (var i = 0; i < count; i++)
        {
            AddFile($"{folder}/{i}.png", Png(i));
            AddText($"{folder}/{i}.txt", $"picture {i}");
        }
    }

    internal string AddZip(string name, params (string Name, byte[] Bytes)[] members)
    {
        using var zip = new ZipArchive(File.Create(PathOf(name)), ZipArchiveMode.Create);
        foreach (var (member, bytes) in members)
        {
            using var stream = zip.CreateEntry(member).Open();
            stream.Write(bytes);
        }

        return PathOf(name);
    }

    internal static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    internal static ConfigSection Config(string json) => new("", (JsonObject)JsonNode.Parse(json)!);

    internal SourceConfig Source(string json) => Assert.Single(Sources($$"""{"data": [{{json}}]}"""));

    internal IReadOnlyList<SourceConfig> Sources(string json) => TrainingSet.Read(Config(json), "data", PathOf());

    internal PackCache Cache(Action<PackProgress>? progress = null) => new(PathOf("cache"), progress ?? (_ => { }), TimeProvider.System);

    /// <summary>Packs one source.</summary>
    internal PackedPictures Pack(string json, out PackReport report, int side = 8)
    {
        (var pictures, report) = Cache().Open(Source(json), new PackOptions(side), CancellationToken.None);
        return pictures;
    }

    internal PackedPictures Pack(string json, int side = 8) => Pack(json, out _, side);

    internal TrainingSet Open(string sources, int side = 8) =>
        TrainingSet.Open(Sources($$"""{"data": [{{sources}}]}"""), new PackOptions(side), Cache(), CancellationToken.None);

    internal static IEnumerable<TrainingSample> All(ITrainingData data) => Enumerable.Range(0, data.Count).Select(i => data[i]);

    internal static byte[] Pixels(ITrainingData data, int index)
    {
        var pixels = new byte[3 * data.Side * data.Side];
        data.ReadPixels(index, pixels);
        return pixels;
    }

    internal static string Captions(TrainingSample sample) => string.Join(" / ", sample.Captions.Select(c => c.Text));
}
