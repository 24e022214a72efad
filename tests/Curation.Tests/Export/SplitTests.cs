using System.Text.Json;
using Sightline.Curation.Export;

namespace Sightline.Curation.Tests.Export;

public sealed class SplitTests : IDisposable
{
    private static readonly Dictionary<string, double> Splits = new() { ["train"] = 0.8, ["val"] = 0.1, ["test"] = 0.1 };

    private readonly ExportFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("measured")]
    [InlineData("sha256")]
    [InlineData("image")]
    [InlineData("url")]
    public async Task All_captions_of_an_image_come_to_one_split_and_splits_have_their_fractions(string identity)
    {
        // Two thousand images of COCO's five captions, of which every other has a smaller copy: another file that looks the same.
        var pairs = Enumerable.Range(0, 10_000).Select(i =>
        {
            var image = i / 5;
            var measures = ExportFixture.MeasuresOf(BitConverter.GetBytes(image), (ulong)(image / 2) + 1);
            return identity switch
            {
                "measured" => new TestPair($"{i}", $"caption {i}", $"/coco/{image}.jpg") { Measures = measures },
                "sha256" => new TestPair($"{i}", "x", $"/coco/{i}.jpg") { Sha256 = $"{image:x64}" },
                "image" => new TestPair($"{i}", "x", $"/coco/{image}.jpg") { Url = $"https://a/{i}" },
                _ => new TestPair($"{i}", "x") { Url = $"https://a/{image}" },
            };
        }).ToArray();
        _fixture.Write(pairs);

        var manifest = await _fixture.ExportSoundAsync(_fixture.Request(ExportFormat.Coco) with { Splits = Splits });

        var splitOf = Splits.Keys
            .SelectMany(split => Rows($"captions_{split}.json").Select(row => (row, split)))
            .ToDictionary(p => p.row, p => p.split);
        Assert.Equal(pairs.Length, splitOf.Count);
        foreach (var image in Enumerable.Range(0, pairs.Length).GroupBy(i => identity == "measured" ? i / 10 : i / 5))
        {
            Assert.Single(image.Select(i => splitOf[i]).Distinct());
        }

        Assert.InRange(manifest.Splits["train"].Exported, 7600, 8400);
        Assert.InRange(manifest.Splits["val"].Exported, 700, 1300);
        Assert.InRange(manifest.Splits["test"].Exported, 700, 1300);
    }

    [Fact]
    public async Task More_pairs_move_none_of_the_others_and_another_seed_moves_many()
    {
        var pairs = Enumerable.Range(0, 2000).Select(i => new TestPair($"{i}", "x") { Url = $"https://a/{i}" }).ToArray();
        _fixture.Write(pairs[..1000]);
        var request = _fixture.Request(ExportFormat.Coco, "few") with { Splits = Splits };
        await _fixture.ExportSoundAsync(request);
        _fixture.Write(pairs);
        await _fixture.ExportSoundAsync(request with { Folder = _fixture.PathOf("many") });
        await _fixture.ExportSoundAsync(request with { Folder = _fixture.PathOf("other"), Seed = 1 });

        foreach (var split in Splits.Keys)
        {
            Assert.Equal(Rows("few", split), Rows("many", split).Where(row => row < 1000));
        }

        Assert.InRange(Rows("many", "test").Intersect(Rows("other", "test")).Count(), 0, 100);
    }

    [Fact]
    public async Task Captions_of_one_split_are_written_where_those_of_another_are_complete()
    {
        _fixture.Write([.. Enumerable.Range(0, 9000).Select(i => new TestPair($"{i}", "x") { Url = $"https://a/{i / 5}" })]);
        var request = _fixture.Request(ExportFormat.Coco) with { Splits = Splits };
        await _fixture.ExportSoundAsync(request with { Folder = _fixture.PathOf("whole") });

        // The split of the last pair is complete last; it cannot come to its place.
        var name = Assert.Single(Splits.Keys, split => Rows("whole", split).Contains(8999));
        await Assert.ThrowsAsync<IOException>(() => new DatasetExporter(_fixture.Source()).RunAsync(request, p =>
        {
            if (p is { IsPlanning: false, Pairs: > 8000 and < 9000 })
            {
                Directory.CreateDirectory(_fixture.PathOf("out", $"captions_{name}.json"));
            }
        }, CancellationToken.None));
        Directory.Delete(_fixture.PathOf("out", $"captions_{name}.json"));
        var before = Directory.GetFiles(_fixture.PathOf("out"));
        await _fixture.ExportSoundAsync(request);

        Assert.NotEmpty(before);
        Assert.Equal(ExportFixture.Digests(_fixture.PathOf("whole")), ExportFixture.Digests(_fixture.PathOf("out")));
    }

    [Fact]
    public async Task A_dataset_that_is_half_measured_has_no_splits_yet()
    {
        var measured = new TestPair("k", "x", "/a.jpg") { Measures = ExportFixture.MeasuresOf([1], 1) };
        _fixture.Write([.. Enumerable.Repeat(measured, PairDataset.PartRows), new TestPair("last", "x", "/a.jpg")]);

        var refused = await Assert.ThrowsAsync<ExportException>(
            () => _fixture.ExportAsync(_fixture.Request(ExportFormat.Csv) with { Splits = Splits }));

        Assert.Contains("1 of the dataset's 2 parts are measured", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verdicts_tell_the_splits_too()
    {
        _fixture.Write([.. Enumerable.Range(0, 100).Select(i => new TestPair($"{i}", "x", "", (ushort)(i % 4)))]);
        var source = _fixture.Source() with { Reasons = ["a", "b", "c"] };

        var manifest = await _fixture.ExportSoundAsync(_fixture.Request(ExportFormat.Verdicts) with { Splits = Splits }, source);

        Assert.Equal((100, 25), (manifest.Counts.Pairs, manifest.Splits.Values.Sum(s => s.Exported)));
    }

    [Theory]
    [InlineData("{\"train\":0.5}", "together are 1")]
    [InlineData("{\"Train\":1}", "\"Train\"")]
    [InlineData("{\"../up\":1}", "\"../up\"")]
    [InlineData("{\"a\":1.5,\"b\":-0.5}", "1.5")]
    public async Task Splits_that_cannot_be_are_refused(string splits, string cause)
    {
        var request = _fixture.Request(ExportFormat.Csv) with { Splits = JsonSerializer.Deserialize<Dictionary<string, double>>(splits)! };

        var refused = await Assert.ThrowsAsync<ExportException>(() => _fixture.ExportAsync(request));

        Assert.Contains(cause, refused.Message, StringComparison.Ordinal);
    }

    private IEnumerable<long> Rows(string folder, string split) => RowsOf(_fixture.PathOf(folder, $"captions_{split}.json"));

    private IEnumerable<long> Rows(string file) => RowsOf(_fixture.PathOf("out", file));

    private static long[] RowsOf(string path)
    {
        using var coco = JsonDocument.Parse(File.ReadAllText(path));
        return [.. coco.RootElement.GetProperty("annotations").EnumerateArray().Select(a => a.GetProperty("id").GetInt64() - 1)];
    }
}
