using System.Buffers.Binary;
using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using Sightline.Curation.Export;
using Sightline.Models.Images;
using Sightline.TestKit;

namespace Sightline.Curation.Tests.Export;

/// <summary>A dataset with a run's verdicts in a folder of its own, with real images: files, and stretches of a tar.</summary>
internal sealed class ExportFixture : IDisposable
{
    internal const string Recipe = "{ \"filters\": [ {\"caption_length\": {\"words\": 2}} ],\n  \"name\": \"short\" }";

    internal static readonly string[] Reasons = ["too_short", "too_long"];

    private readonly TemporaryFolder _folder = new(passable: true);

    internal ExportFixture() => Directory.CreateDirectory(PathOf("images"));

    internal PairDataset Dataset => new(PathOf("dataset"));

    internal string PathOf(params string[] parts) => _folder.PathOf(parts);

    public void Dispose() => _folder.Dispose();

    internal static byte[] Picture(int number, string ending = "jpg")
    {
        var pixels = new byte[16 * 12 * 3];
        new Random(number).NextBytes(pixels);
        var image = new RgbImage(16, 12, pixels);
        return ending switch
        {
            "png" => ImageEncoder.EncodePng(image),
            "webp" => ImageEncoder.EncodeWebp(image),
            _ => ImageEncoder.EncodeJpeg(image),
        };
    }

    /// <summary>A file of an image; its path.</summary>
    internal string AddFile(string name, byte[] bytes)
    {
        var path = PathOf("images", name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>A tar of images; their locations.</summary>
    internal string[] AddTar(string name, params byte[][] images)
    {
        var path = PathOf("images", name);
        using (var tar = new TarWriter(File.Create(path)))
        {
            for (var i = 0; i < images.Length; i++)
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"{i}.jpg") { DataStream = new MemoryStream(images[i]) });
            }
        }

        var (offset, locations) = (0, new string[images.Length]);
        for (var i = 0; i < images.Length; i++)
        {
            locations[i] = $"tar:{offset + 512}:{images[i].Length}:{path}";
            offset += 512 + ((images[i].Length + 511) / 512 * 512);
        }

        return locations;
    }

    /// <summary>Pairs in parts, their verdicts, and what was measured, if anything was.</summary>
    internal void Write(IReadOnlyList<TestPair> pairs)
    {
        var verdicts = new RunVerdicts(PathOf("run"), new Dictionary<long, bool>());
        Directory.CreateDirectory(PathOf("run"));
        for (var first = 0; first < pairs.Count; first += PairDataset.PartRows)
        {
            var batch = new PairBatch(first);
            var part = pairs.Skip(first).Take(PairDataset.PartRows).ToArray();
            foreach (var pair in part)
            {
                batch.Add(new NewPair
                {
                    Key = Utf8(pair.Key),
                    Caption = Utf8(pair.Caption),
                    Image = Utf8(pair.Image),
                    Url = Utf8(pair.Url),
                    Sha256 = Utf8(pair.Sha256),
                    Extra = Utf8(pair.Extra),
                    Width = pair.Width,
                    Height = pair.Height,
                    Similarity = pair.Similarity,
                });
            }

            var number = first / PairDataset.PartRows;
            Dataset.WritePart(number, batch, new CaptionFacts[part.Length], new Dictionary<string, string>());
            verdicts.Write(number, [.. part.Select(p => p.Verdict)]);
            if (part.Any(p => p.Measures.Known != ImageMeasured.None))
            {
                Dataset.WriteMeasures(number, [.. part.Select(p => p.Measures)], null);
            }
        }
    }

    /// <param name="decisions">Of people: true keeps.</param>
    internal ExportSource Source(Dictionary<long, bool>? decisions = null, string recipe = Recipe) =>
        new("flowers", Dataset, new RunVerdicts(PathOf("run"), decisions ?? []), Reasons, recipe);

    internal ExportRequest Request(ExportFormat format, string folder = "out") => new() { Folder = PathOf(folder), Format = format };

    internal async Task<ExportManifest> ExportAsync(ExportRequest request, ExportSource? source = null) =>
        await new DatasetExporter(source ?? Source()).RunAsync(request, _ => { }, CancellationToken.None);

    /// <summary>Exports, and reads the export back with nothing to complain of.</summary>
    internal async Task<ExportManifest> ExportSoundAsync(ExportRequest request, ExportSource? source = null)
    {
        var manifest = await ExportAsync(request, source);
        var check = await ExportVerifier.VerifyAsync(request.Folder, CancellationToken.None);
        Assert.Empty(check.Problems);
        Assert.Equal(manifest.Counts.Exported + manifest.Counts.Failed, check.Pairs);
        return manifest;
    }

    /// <summary>The paths and contents of a folder's files.</summary>
    internal static SortedDictionary<string, string> Digests(string folder)
    {
        var digests = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            digests[Path.GetRelativePath(folder, path)] = Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)));
        }

        return digests;
    }

    internal static ImageMeasures MeasuresOf(byte[] image, ulong perceptualHash)
    {
        var digest = SHA256.HashData(image);
        return new ImageMeasures
        {
            Sha256High = BinaryPrimitives.ReadUInt128BigEndian(digest),
            Sha256Low = BinaryPrimitives.ReadUInt128BigEndian(digest.AsSpan(16)),
            PerceptualHash = perceptualHash,
            Width = 16,
            Height = 12,
            Known = ImageMeasured.Read | ImageMeasured.Pixels,
        };
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}

internal sealed record TestPair(string Key, string Caption, string Image = "", ushort Verdict = 0)
{
    internal string Url { get; init; } = "";

    internal string Sha256 { get; init; } = "";

    internal string Extra { get; init; } = "";

    internal int Width { get; init; }

    internal int Height { get; init; }

    internal float Similarity { get; init; } = float.NaN;

    internal ImageMeasures Measures { get; init; }
}
