using Sightline.Curation.Export;

namespace Sightline.Curation.Tests.Export;

public sealed class ImageFolderTests : IDisposable
{
    // What Hugging Face's loader does: each line's file_name is looked for beside the metadata.
    private const string ReadFolder = """
        import sys, json, os, hashlib
        root = sys.argv[1]
        rows = []
        for folder, _, files in sorted(os.walk(root)):
            if 'metadata.jsonl' in files:
                for line in open(os.path.join(folder, 'metadata.jsonl')):
                    row = json.loads(line)
                    path = os.path.join(folder, row['file_name'])
                    digest = hashlib.sha256(open(path, 'rb').read()).hexdigest()
                    row.update(split=os.path.relpath(folder, root), links=os.stat(path).st_nlink, digest=digest)
                    rows.append(row)
        print(json.dumps(rows))
        """;

    private readonly ExportFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_line_has_its_image_in_its_split(bool hardLinks)
    {
        var tar = _fixture.AddTar("a.tar", [.. Enumerable.Range(0, 10).Select(i => ExportFixture.Picture(i))]);
        string[] images =
        [
            .. tar, .. Enumerable.Range(10, 50).Select(i => _fixture.AddFile($"{i}.png", ExportFixture.Picture(i, "png"))),
        ];
        images[30] = "/nowhere.jpg";
        _fixture.Write([.. images.Select((image, i) => new TestPair($"k{i}", $"caption {i}", image))]);
        var request = _fixture.Request(ExportFormat.ImageFolder) with
        {
            HardLinks = hardLinks, ShardSize = 8, Splits = new Dictionary<string, double> { ["train"] = 0.5, ["validation"] = 0.5 },
        };

        var manifest = await _fixture.ExportSoundAsync(request);
        var rows = (await Python.RunAsync(ReadFolder, request.Folder)).EnumerateArray().ToArray();

        Assert.Equal((59, 1), (manifest.Counts.Exported, manifest.Counts.Failed));
        Assert.Equal(hardLinks ? 49 : 0, manifest.Shards.Sum(s => s.Linked));
        Assert.Equal(hardLinks ? 49 : 0, rows.Count(r => r.GetProperty("links").GetInt32() == 2));
        Assert.Equal(Enumerable.Range(0, 60).Where(i => i != 30), rows.Select(r => r.GetProperty("row").GetInt32()).Order());
        Assert.Equal(["train", "validation"], rows.Select(r => r.GetProperty("split").GetString()!).Distinct().Order());
        Assert.All(rows, r => Assert.Equal(r.GetProperty("sha256").GetString(), r.GetProperty("digest").GetString()));
        Assert.All(rows, r => Assert.Equal($"caption {r.GetProperty("row")}", r.GetProperty("text").GetString()));
        Assert.Contains(
            "\"row\":30,\"key\":\"k30\",\"image\":\"/nowhere.jpg\",\"reason\":\"missing\"",
            await File.ReadAllTextAsync(_fixture.PathOf("out", "faults.jsonl")),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_to_a_file_is_followed_and_no_link_is_made_to_another_file_system()
    {
        var path = _fixture.AddFile("a.jpg", ExportFixture.Picture(1));
        File.CreateSymbolicLink(_fixture.PathOf("images", "b.jpg"), "a.jpg");
        var elsewhere = Path.Combine("/dev/shm", Path.GetFileName(Path.GetTempFileName()));
        await File.WriteAllBytesAsync(elsewhere, ExportFixture.Picture(2));
        try
        {
            _fixture.Write([new("a", "a", path), new("b", "b", _fixture.PathOf("images", "b.jpg")), new("c", "c", elsewhere)]);

            var manifest = await _fixture.ExportSoundAsync(_fixture.Request(ExportFormat.ImageFolder) with { HardLinks = true });

            Assert.Equal((3, 2), (manifest.Counts.Exported, manifest.Shards[0].Linked));
            Assert.Null(new FileInfo(_fixture.PathOf("out", "00000", "000000001.jpg")).LinkTarget);
        }
        finally
        {
            File.Delete(elsewhere);
        }
    }
}
