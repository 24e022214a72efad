using Sightline.Curation.Export;
using Sightline.Curation.Import;
using Sightline.Curation.Languages;

namespace Sightline.Curation.Tests.Export;

/// <summary>What was exported is imported again, and exported again.</summary>
public sealed class RoundTripTests : IDisposable
{
    private static readonly DatasetImporter Importer = new(new CaptionReader(new LanguageIdentifier()));

    private readonly ExportFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    public static TheoryData<ExportFormat, bool> Formats => new()
    {
        { ExportFormat.WebDataset, false }, { ExportFormat.ImageFolder, false }, { ExportFormat.JsonLines, false }, { ExportFormat.JsonLines, true },
        { ExportFormat.Csv, false }, { ExportFormat.Parquet, false }, { ExportFormat.Coco, false },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task An_export_of_an_imported_export_has_the_same_files(ExportFormat format, bool gzip)
    {
        _fixture.Write(Pairs());
        await ExportAsync(format, gzip, "first", _fixture.Source());

        var (second, faults) = Import("first");
        await ExportAsync(format, gzip, "second", second);

        Assert.Equal("", faults);
        Assert.Equal(Files("first"), Files("second"));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Rows_are_numbered_anew_once_and_stay(ExportFormat format, bool gzip)
    {
        _fixture.Write([.. Pairs().Select((p, i) => p with { Verdict = (ushort)(i == 1 ? 2 : 0) })]);

        // In the last there is nothing.
        var splits = new Dictionary<string, double> { ["a"] = 0.5, ["b"] = 0.5 - 1e-12, ["c"] = 1e-12 };
        var request = _fixture.Request(format, "first") with { Gzip = gzip, IncludeGenerated = true, Splits = splits };
        await _fixture.ExportSoundAsync(request);

        var (second, faults) = Import("first");
        await ExportAsync(format, gzip, "second", second);
        var (third, _) = Import("second");
        await ExportAsync(format, gzip, "third", third);

        Assert.Equal("", faults);
        Assert.Equal(Pairs().Length - 1, second.Dataset.CountPairs());
        Assert.Equal(Files("second"), Files("third"));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_pair_comes_back_as_it_was(ExportFormat format, bool gzip)
    {
        var pairs = Pairs();
        _fixture.Write(pairs);
        await ExportAsync(format, gzip, "first", _fixture.Source());

        var part = Import("first").Source.Dataset.ReadPart(0, PartColumns.Texts, CancellationToken.None).Source;
        var rows = Enumerable.Range(0, part.Count).ToList();

        Assert.Equal(pairs.Select(p => p.Key), rows.Select(part.Keys.Text));
        Assert.Equal(pairs.Select(p => p.Caption), rows.Select(part.Captions.Text));
        Assert.Equal(pairs.Select(p => p.Width), rows.Select(r => part.Widths[r]));

        // COCO has one address an image, and no similarity.
        if (format is not ExportFormat.Coco)
        {
            Assert.Equal(pairs.Select(p => p.Url), rows.Select(part.Urls.Text));
            Assert.Equal(pairs.Select(p => p.Similarity), rows.Select(r => part.Similarities[r]));
        }

        // COCO and imagefolder have no place for what else is known.
        if (format is not (ExportFormat.Coco or ExportFormat.ImageFolder))
        {
            Assert.Equal(pairs.Select(p => p.Extra.ReplaceLineEndings("")), rows.Select(r => part.Extras.Text(r).ReplaceLineEndings("").Replace("  ", "", StringComparison.Ordinal)));
        }

        if (format is not (ExportFormat.WebDataset or ExportFormat.ImageFolder))
        {
            Assert.Equal(pairs.Select(p => p.Image), rows.Select(part.Images.Text));
        }
    }

    [Theory]
    [InlineData("a.jsonl", """{"url":"http://a/1","caption":"x","tag":1,"extra":{"tag":2,"more":[1, 2]}}""")]
    [InlineData("a.csv", "url,caption,tag,extra\nhttp://a/1,x,1,\"{\"\"tag\"\":2,\"\"more\"\":[1, 2]}\"\n")]
    public void What_is_extra_does_not_nest_and_a_name_of_its_own_goes_before(string name, string content)
    {
        File.WriteAllText(_fixture.PathOf(name), content);

        var pair = Assert.Single(Tests.Import.Collected.From(_fixture.PathOf(name)).Pairs);

        Assert.Equal("""{"tag":1,"more":[1, 2]}""", pair.Extra.Replace("\"1\"", "1", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a.jsonl", """{"url":"http://a/1","caption":"x","row":7,"extra":"none"}""", """{"row":7,"extra":"none"}""")]
    [InlineData("a.csv", "url,caption,row,extra\nhttp://a/1,x,7,{none\n", """{"row":"7","extra":"{none"}""")]
    public void What_is_no_export_keeps_all_it_has(string name, string content, string extra)
    {
        File.WriteAllText(_fixture.PathOf("manifest.json"), """{"name": "of something else", "version": 1}""");
        File.WriteAllText(_fixture.PathOf(name), content);

        Assert.Equal(extra, Assert.Single(Tests.Import.Collected.From(_fixture.PathOf(name)).Pairs).Extra);
    }

    [Theory]
    [InlineData(ExportFormat.Uids)]
    [InlineData(ExportFormat.Verdicts)]
    public async Task Names_of_pairs_are_no_pairs(ExportFormat format)
    {
        _fixture.Write([new TestPair(new string('0', 32), "x", _fixture.AddFile("a.jpg", ExportFixture.Picture(1)))]);
        await _fixture.ExportSoundAsync(_fixture.Request(format));

        var refused = Assert.Throws<PairSourceException>(() => PairSources.Open(new PairSourceRequest(_fixture.PathOf("out"))));

        Assert.Contains("names pairs and holds none", refused.Message);
    }

    [Fact]
    public async Task The_manifest_says_where_the_images_are()
    {
        var other = Directory.CreateDirectory(_fixture.PathOf("images", "below")).FullName;
        File.WriteAllBytes(Path.Combine(other, "b.jpg"), ExportFixture.Picture(2));
        _fixture.Write(
        [
            new TestPair("a", "x", _fixture.AddTar("a.tar", ExportFixture.Picture(1))[0]), new TestPair("b", "x", Path.Combine(other, "b.jpg")),
            new TestPair("c", "x", "/elsewhere/c.jpg", 1), new TestPair("d", "x") { Url = "http://a/d" },
        ]);

        var table = await _fixture.ExportSoundAsync(_fixture.Request(ExportFormat.Csv));

        Assert.Equal(_fixture.PathOf("images"), table.ImageFolder);
        Assert.Equal(table.ImageFolder, PairSources.FindImageFolder(new PairSourceRequest(_fixture.PathOf("out"))));
        Assert.Equal(table.ImageFolder, PairSources.FindImageFolder(new PairSourceRequest(_fixture.PathOf("out", "pairs.csv"))));
    }

    private TestPair[] Pairs()
    {
        var file = _fixture.AddFile("0.jpg", ExportFixture.Picture(0));
        var tar = _fixture.AddTar("t.tar", ExportFixture.Picture(1), ExportFixture.Picture(2));
        return
        [
            new("k0", "plain", file) { Url = "https://a/0", Width = 4, Height = 3, Similarity = 0.3f, Extra = "{\"a\":\r\n[1,\"x,\\n\"],\"row\":9}" },
            new("k1", " a \"quoted\" one,\nof two lines\t", tar[0]) { Width = 16, Height = 12 },
            new("k,2", "猫 🐱 'n' more", tar[1]) { Url = "https://a/3", Extra = "{\"extra\":{\"deep\":true}}", Similarity = -0.125f },
            new("k3", "", tar[1]),
            new("k4", "made up", _fixture.AddFile("5.png", ExportFixture.Picture(5, "png"))) { Extra = "{\"provenance\":\"generated\"}" },
        ];
    }

    private Task<ExportManifest> ExportAsync(ExportFormat format, bool gzip, string folder, ExportSource source) =>
        _fixture.ExportSoundAsync(_fixture.Request(format, folder) with { Gzip = gzip, IncludeGenerated = true }, source);

    private (ExportSource Source, string Faults) Import(string folder)
    {
        var request = new PairSourceRequest(_fixture.PathOf(folder));
        var source = PairSources.Open(request with { ImageFolder = PairSources.FindImageFolder(request) });
        var dataset = new PairDataset(_fixture.PathOf(folder + "-again"));
        var result = Importer.Run(source, dataset, new ImportProgress(), CancellationToken.None);
        var verdicts = new RunVerdicts(_fixture.PathOf(folder + "-run"), new Dictionary<long, bool>());
        Directory.CreateDirectory(_fixture.PathOf(folder + "-run"));
        verdicts.Write(0, new ushort[result.Pairs]);
        return (_fixture.Source() with { Dataset = dataset, Verdicts = verdicts },
            string.Join('\n', result.Examples.Select(f => $"{f.File} {f.Place}: {f.Reason} {f.Detail}")));
    }

    private SortedDictionary<string, string> Files(string folder)
    {
        var files = ExportFixture.Digests(_fixture.PathOf(folder));

        // It has the digests of what it was made from.
        Assert.True(files.Remove("manifest.json"));
        return files;
    }
}
