using System.Text.Json;
using Sightline.Curation.Export;

namespace Sightline.Curation.Tests.Export;

public sealed class WebDatasetTests : IDisposable
{
    // Grouped as the webdataset library does: the name up to the first dot of its last part is the sample, the rest the field.
    private const string ReadShards = """
        import sys, json, glob, os, tarfile, hashlib
        root = sys.argv[1]
        shards = []
        for path in sorted(glob.glob(root + '/**/*.tar', recursive=True)):
            samples = []
            with tarfile.open(path) as tar:
                for member in tar:
                    assert member.isreg() and member.mtime == 0 and member.mode == 0o644
                    folder, name = os.path.split(member.name)
                    key, field = name.split('.', 1)
                    data = tar.extractfile(member).read()
                    if not samples or samples[-1]['__key__'] != key:
                        samples.append({'__key__': key})
                    samples[-1][field] = hashlib.sha256(data).hexdigest() if field not in ('txt', 'json') else data.decode()
            for sample in samples:
                sample['json'] = json.loads(sample['json'])
            stats = json.load(open(path[:-4] + '_stats.json'))
            shards.append({'path': os.path.relpath(path, root), 'samples': samples, 'stats': stats})
        print(json.dumps(shards))
        """;

    private readonly ExportFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task A_pipe_or_a_device_in_an_images_place_is_a_fault_and_is_not_waited_for()
    {
        using var make = System.Diagnostics.Process.Start("mkfifo", _fixture.PathOf("images", "pipe.jpg"));
        await make.WaitForExitAsync();
        File.CreateSymbolicLink(_fixture.PathOf("images", "link.jpg"), _fixture.PathOf("images", "pipe.jpg"));
        var picture = _fixture.AddFile("a.jpg", ExportFixture.Picture(1));
        File.CreateSymbolicLink(_fixture.PathOf("images", "good.jpg"), picture);
        string[] images = [_fixture.PathOf("images", "pipe.jpg"), _fixture.PathOf("images", "link.jpg"), "/dev/zero", _fixture.PathOf("images", "good.jpg")];
        _fixture.Write([.. images.Select((image, i) => new TestPair($"k{i}", "x", image))]);

        var manifest = await Task.Run(() => _fixture.ExportSoundAsync(_fixture.Request(ExportFormat.WebDataset))).WaitAsync(TimeSpan.FromMinutes(2));

        Assert.Equal((1, 3), (manifest.Counts.Exported, manifest.Counts.Faults[ExportFaultCode.Unreadable]));
        Assert.All(manifest.Shards[0].Faults, f => Assert.Contains("no file but a pipe", f.Detail, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Python_reads_even_shards_of_the_kept_pairs_in_their_order()
    {
        var tar = _fixture.AddTar("a.tar", [.. Enumerable.Range(0, 20).Select(i => ExportFixture.Picture(i))]);
        string[] endings = ["jpg", "png", "webp"];
        var pairs = Enumerable.Range(0, 41).Select(i =>
        {
            var ending = endings[i % 3];
            return new TestPair(
                $"k{i}",
                $"the \"{i}\"th dög,\nor so",
                i % 2 == 0 ? tar[i / 2 % 20] : _fixture.AddFile($"{i}.{ending}", ExportFixture.Picture(i, ending)),
                (ushort)(i % 10 == 9 ? 1 : 0))
            {
                Url = $"https://example.org/{i}", Width = 160, Height = 120, Similarity = 0.25f, Extra = "{\n \"NSFW\": \"UNLIKELY\"}",
            };
        }).ToArray();
        _fixture.Write(pairs);

        var manifest = await _fixture.ExportSoundAsync(_fixture.Request(ExportFormat.WebDataset) with { ShardSize = 10 });
        var shards = (await Python.RunAsync(ReadShards, _fixture.PathOf("out"))).EnumerateArray().ToArray();

        Assert.Equal(
            (41, 37, 37, 4), (manifest.Counts.Pairs, manifest.Counts.Kept, manifest.Counts.Exported, manifest.Counts.Dropped["too_short"]));
        Assert.Equal(["00000.tar", "00001.tar", "00002.tar", "00003.tar"], shards.Select(s => s.GetProperty("path").GetString()));
        Assert.Equal([10, 9, 9, 9], shards.Select(s => s.GetProperty("samples").GetArrayLength()));
        Assert.Equal([10, 9, 9, 9], shards.Select(s => s.GetProperty("stats").GetProperty("successes").GetInt32()));
        var samples = shards.SelectMany(s => s.GetProperty("samples").EnumerateArray()).ToArray();
        Assert.Equal(
            pairs.Where(p => p.Verdict == 0).Select(p => (p.Key, p.Caption)),
            samples.Select(s => (Json(s, "source_key").GetString()!, s.GetProperty("txt").GetString()!)));
        Assert.Equal("000010003", shards[1].GetProperty("samples")[3].GetProperty("__key__").GetString());
        foreach (var sample in samples)
        {
            var row = Json(sample, "row").GetInt32();
            var ending = row % 2 == 0 ? "jpg" : endings[row % 3];
            Assert.Equal(
                Digest(row % 2 == 0 ? ExportFixture.Picture(row / 2 % 20) : ExportFixture.Picture(row, ending)),
                sample.GetProperty(ending).GetString());
            Assert.Equal(Json(sample, "sha256").GetString(), sample.GetProperty(ending).GetString());
            Assert.Equal(sample.GetProperty("txt").GetString(), Json(sample, "caption").GetString());
            Assert.Equal(
                ("success", $"https://example.org/{row}", 160),
                (Json(sample, "status").GetString(), Json(sample, "url").GetString(), Json(sample, "original_width").GetInt32()));
            Assert.Equal("UNLIKELY", Json(sample, "extra").GetProperty("NSFW").GetString());
        }
    }

    [Fact]
    public async Task Images_that_cannot_be_read_are_counted_and_listed_and_the_others_are_exported()
    {
        var good = ExportFixture.Picture(1);
        var cut = _fixture.AddTar("cut.tar", ExportFixture.Picture(2), ExportFixture.Picture(3));
        using (var tar = File.OpenWrite(_fixture.PathOf("images", "cut.tar")))
        {
            tar.SetLength(1500);
        }

        TestPair[] pairs =
        [
            new("good", "a", _fixture.AddFile("good.jpg", good)),
            new("gone", "b", _fixture.PathOf("images", "gone.jpg")),
            new("cut", "c", cut[1]),
            new("empty", "d", _fixture.AddFile("empty.jpg", [])),
            new("page", "e", _fixture.AddFile("page.jpg", "<html>404</html>"u8.ToArray())),
            new("address", "f") { Url = "https://example.org/f.jpg" },
            new("changed", "g", _fixture.AddFile("changed.jpg", ExportFixture.Picture(4))) { Measures = ExportFixture.MeasuresOf(good, 5) },
            new("folder", "h", _fixture.PathOf("images")),
            new("large", "i", _fixture.AddFile("large.jpg", [.. good, .. new byte[ImageRead.MostInMemory]])),
            new("changed large", "j", _fixture.AddFile("changed-large.jpg", [.. good, .. new byte[ImageRead.MostInMemory]]))
            {
                Measures = ExportFixture.MeasuresOf(good, 5),
            },
            new("good too", "k", _fixture.AddFile("good-too.jpg", good)),
        ];
        _fixture.Write(pairs);

        var manifest = await _fixture.ExportSoundAsync(_fixture.Request(ExportFormat.WebDataset));
        var shard = Assert.Single((await Python.RunAsync(ReadShards, _fixture.PathOf("out"))).EnumerateArray());

        Assert.Equal((3, 8), (manifest.Counts.Exported, manifest.Counts.Failed));
        Assert.Equal(
            "changed 2, cut 1, empty 1, missing 1, no_image 1, not_an_image 1, unreadable 1",
            string.Join(", ", manifest.Counts.Faults.Select(f => $"{f.Key} {f.Value}")));
        Assert.Equal(
            ["gone", "cut", "empty", "page", "address", "changed", "folder", "changed large"],
            manifest.Shards[0].Faults.Select(f => f.Key));
        Assert.Contains("3C68746D6C3E", manifest.Shards[0].Faults[3].Detail, StringComparison.Ordinal);
        Assert.Equal(
            ["good", "large", "good too"], shard.GetProperty("samples").EnumerateArray().Select(s => Json(s, "source_key").GetString()));
        Assert.Equal(
            (11, 3, 8), (Stat(shard, "count"), Stat(shard, "successes"), Stat(shard, "failed_to_download")));
        Assert.Equal(2, shard.GetProperty("stats").GetProperty("status_dict").GetProperty("changed").GetInt32());
    }

    [Fact]
    public async Task The_same_input_makes_the_same_files_and_the_recipe_stays_to_the_letter()
    {
        var images = Enumerable.Range(0, 90).Select(i => _fixture.AddFile($"{i}.jpg", ExportFixture.Picture(i)));
        _fixture.Write([.. images.Select((image, i) => new TestPair($"k{i}", $"caption {i}", image))]);
        var request = _fixture.Request(ExportFormat.WebDataset) with
        {
            ShardSize = 7, Splits = new Dictionary<string, double> { ["train"] = 0.8, ["test"] = 0.2 },
        };

        await _fixture.ExportSoundAsync(request);
        await _fixture.ExportSoundAsync(request with
        {
            Folder = _fixture.PathOf("again"), Splits = new Dictionary<string, double> { ["test"] = 0.2, ["train"] = 0.8 },
        });

        Assert.Equal(ExportFixture.Digests(_fixture.PathOf("out")), ExportFixture.Digests(_fixture.PathOf("again")));
        Assert.Contains(
            ExportFixture.Recipe, await File.ReadAllTextAsync(_fixture.PathOf("out", "manifest.json")), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_fixture.PathOf("out", ".export")));
    }

    private static JsonElement Json(JsonElement sample, string field) => sample.GetProperty("json").GetProperty(field);

    private static int Stat(JsonElement shard, string name) => shard.GetProperty("stats").GetProperty(name).GetInt32();

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
}
