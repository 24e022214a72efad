using System.Text.Json;
using Sightline.Curation.Export;

namespace Sightline.Curation.Tests.Export;

public sealed class TableTests : IDisposable
{
    private const string ReadTable = """
        import sys, json, csv, gzip
        path = sys.argv[1]
        if path.endswith('.csv'):
            rows = list(csv.DictReader(open(path, newline='')))
        else:
            rows = [json.loads(line) for line in (gzip.open(path, 'rt') if path.endswith('.gz') else open(path))]
        print(json.dumps(rows))
        """;

    private static readonly TestPair[] Pairs =
    [
        new("k0", "plain", "/images/0.jpg")
        {
            Url = "https://a/0", Sha256 = new string('a', 64), Width = 4, Height = 3, Similarity = 0.3f,
            Extra = "{\"a\":\r\n[1,\"x,\\n\"]}",
        },
        new("k1", "dropped", "/images/1.jpg", 2),
        new("k2", "a \"quoted\" one,\r\nof two lines", "tar:512:9:/t.tar"),
        new("k3", "猫 🐱 'n' more") { Url = "https://a/3" },
        new("k4", ""),
        new("k5", "made up", "/images/5.jpg") { Extra = "{\"provenance\":\"generated\"}" },
    ];

    private readonly ExportFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(ExportFormat.JsonLines, false, "pairs.jsonl")]
    [InlineData(ExportFormat.JsonLines, true, "pairs.jsonl.gz")]
    [InlineData(ExportFormat.Csv, false, "pairs.csv")]
    public async Task Python_reads_the_pairs_that_were_kept(ExportFormat format, bool gzip, string file)
    {
        _fixture.Write(Pairs);

        var manifest = await _fixture.ExportSoundAsync(
            _fixture.Request(format) with { Gzip = gzip }, _fixture.Source(new() { [4] = false }));
        var rows = (await Python.RunAsync(ReadTable, _fixture.PathOf("out", file))).EnumerateArray().ToArray();

        Assert.Equal((6, 4, 3, 1), (manifest.Counts.Pairs, manifest.Counts.Kept, manifest.Counts.Exported, manifest.Counts.Generated));
        Assert.Equal((1, 1), (manifest.Counts.Dropped["too_long"], manifest.Counts.Dropped["by_hand"]));
        Assert.Equal(["0", "2", "3"], rows.Select(r => Text(r, "row")));
        Assert.Equal(["k0", "k2", "k3"], rows.Select(r => Text(r, "key")));
        Assert.Equal([Pairs[0].Caption, Pairs[2].Caption, Pairs[3].Caption], rows.Select(r => Text(r, "caption")));
        Assert.Equal(["/images/0.jpg", "tar:512:9:/t.tar", ""], rows.Select(r => Text(r, "image")));
        Assert.Equal(
            "https://a/0 4 3 0.3", string.Join(' ', new[] { "url", "width", "height", "similarity" }.Select(f => Text(rows[0], f))));
        Assert.Equal(("", "", ""), (Text(rows[1], "url"), Text(rows[1], "width"), Text(rows[1], "similarity")));
        var extra = rows[0].GetProperty("extra");
        Assert.Equal(
            "x,\n",
            (extra.ValueKind == JsonValueKind.Object ? extra : JsonElement.Parse(extra.GetString()!)).GetProperty("a")[1].GetString());
    }

    [Fact]
    public async Task Generated_pictures_are_exported_where_that_is_asked_for()
    {
        _fixture.Write(Pairs);

        var manifest = await _fixture.ExportSoundAsync(_fixture.Request(ExportFormat.Csv) with { IncludeGenerated = true });

        Assert.Equal((5, 0), (manifest.Counts.Exported, manifest.Counts.Generated));
    }

    [Fact]
    public async Task Captions_that_are_no_UTF_8_do_not_spoil_the_others()
    {
        var batch = new PairBatch(0);
        batch.Add(new NewPair { Key = "k"u8, Caption = [0x61, 0xff, 0x62] });
        _fixture.Dataset.WritePart(0, batch, [default], new Dictionary<string, string>());
        Directory.CreateDirectory(_fixture.PathOf("run"));
        new RunVerdicts(_fixture.PathOf("run"), new Dictionary<long, bool>()).Write(0, [0]);

        await _fixture.ExportSoundAsync(_fixture.Request(ExportFormat.JsonLines));

        var rows = await Python.RunAsync(ReadTable, _fixture.PathOf("out", "pairs.jsonl"));
        Assert.Equal("a\uFFFDb", rows[0].GetProperty("caption").GetString());
    }

    [Fact]
    public async Task NumPy_reads_the_uids_as_DataComp_does()
    {
        string[] uids =
        [
            "ffffffffffffffff0000000000000001", "00000000000000010000000000000002", "8000000000000000ffffffffffffffff",
            "00000000000000010000000000000002",
        ];
        _fixture.Write([.. uids.Select(u => new TestPair(u, "x")), new TestPair("not a uid", "x", "", 1)]);

        var manifest = await _fixture.ExportSoundAsync(_fixture.Request(ExportFormat.Uids));
        var found = await Python.RunAsync(
            """
            import sys, json, numpy as np
            a = np.load(sys.argv[1])
            assert a.dtype == np.dtype('u8,u8') and (a == np.sort(a)).all()
            uids = sys.argv[2:]
            wanted = np.array([(int(u[:16], 16), int(u[16:32], 16)) for u in uids], np.dtype('u8,u8'))
            print(json.dumps({'uids': ['%016x%016x' % tuple(r.tolist()) for r in a], 'all': bool(np.isin(wanted, a).all())}))
            """,
            [_fixture.PathOf("out", "uids.npy"), .. uids]);

        Assert.Equal(uids.Distinct().Order(StringComparer.Ordinal), found.GetProperty("uids").EnumerateArray().Select(u => u.GetString()));
        Assert.True(found.GetProperty("all").GetBoolean());
        Assert.Equal((3, 1), (manifest.Counts.Exported, manifest.Counts.Repeated));
    }

    [Fact]
    public async Task The_first_key_that_is_no_uid_is_named()
    {
        _fixture.Write([new TestPair(new string('0', 32), "x"), new TestPair("000000012", "x"), new TestPair("000000013", "x")]);

        var refused = await Assert.ThrowsAsync<ExportException>(() => _fixture.ExportAsync(_fixture.Request(ExportFormat.Uids)));

        Assert.Contains("pair 1, \"000000012\"", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_fixture.PathOf("out")));
    }

    [Fact]
    public async Task Python_reads_COCO_with_each_image_once_and_ids_that_stay()
    {
        // Three images of five captions each; the first caption of the second is dropped in one export.
        _fixture.Write([.. Enumerable.Range(0, 15).Select(i => new TestPair($"{100 + i}", $"caption {i}", $"/coco/{i / 5}.jpg"))]);

        await _fixture.ExportSoundAsync(_fixture.Request(ExportFormat.Coco));
        await _fixture.ExportSoundAsync(
            _fixture.Request(ExportFormat.Coco, "fewer"), _fixture.Source(new() { [5] = false, [6] = false, [10] = false }));
        const string Read = "import sys, json; print(json.dumps(json.load(open(sys.argv[1]))))";
        var all = await Python.RunAsync(Read, _fixture.PathOf("out", "captions.json"));
        var fewer = await Python.RunAsync(Read, _fixture.PathOf("fewer", "captions.json"));

        Assert.Equal(
            ["1 /coco/0.jpg", "6 /coco/1.jpg", "11 /coco/2.jpg"],
            all.GetProperty("images").EnumerateArray().Select(i => $"{i.GetProperty("id")} {i.GetProperty("file_name")}"));
        Assert.Equal(Enumerable.Range(0, 15).Select(i => $"{i + 1} {(i / 5 * 5) + 1} caption {i}"), Annotations(all));
        Assert.Equal(Images(all), Images(fewer));
        Assert.Equal(Annotations(all).Where(a => a.Split(' ')[0] is not ("6" or "7" or "11")), Annotations(fewer));

        static IEnumerable<string> Annotations(JsonElement coco) =>
            coco.GetProperty("annotations").EnumerateArray().Select(
                a => $"{a.GetProperty("id")} {a.GetProperty("image_id")} {a.GetProperty("caption")}");

        static IEnumerable<long> Images(JsonElement coco) =>
            coco.GetProperty("images").EnumerateArray().Select(i => i.GetProperty("id").GetInt64());
    }

    [Fact]
    public async Task More_pairs_than_a_part_are_exported_with_empty_splits_and_all()
    {
        var rows = Enumerable.Range(0, PairDataset.PartRows + 1000);
        _fixture.Write([.. rows.Select(i => new TestPair($"k{i}", "c", "", (ushort)(i % 3)) { Url = $"https://a/{i}" })]);
        var request = _fixture.Request(ExportFormat.JsonLines) with
        {
            Splits = new Dictionary<string, double> { ["train"] = 0.9999999, ["none"] = 1e-7 },
        };
        var reports = new List<ExportProgress>();

        var manifest = await new DatasetExporter(_fixture.Source()).RunAsync(
            request, p => { lock (reports) { reports.Add(p); } }, CancellationToken.None);
        var check = await ExportVerifier.VerifyAsync(request.Folder, CancellationToken.None);

        Assert.Empty(check.Problems);
        Assert.Equal((101_000, 33_667, 33_667), (manifest.Counts.Pairs, manifest.Counts.Exported, check.Pairs));
        Assert.Equal((33_667, 0), (manifest.Splits["train"].Exported, manifest.Splits["none"].Exported));
        Assert.Equal(0, new FileInfo(_fixture.PathOf("out", "none.jsonl")).Length);
        Assert.Contains(new ExportProgress(IsPlanning: true, 101_000, 101_000, 0), reports);
        Assert.Equal(new ExportProgress(IsPlanning: false, 33_667, 33_667, 0), reports[^1]);
    }

    // A null is an empty field in CSV.
    private static string Text(JsonElement row, string field) =>
        row.GetProperty(field) is { ValueKind: not JsonValueKind.Null } value ? value.ToString() : "";
}
