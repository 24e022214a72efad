using System.IO.Compression;
using System.Text;
using Sightline.Curation.Import;
using Sightline.Curation.Languages;
using Sightline.Curation.Parquet;
using Sightline.TestKit;

namespace Sightline.Curation.Tests.Import;

/// <summary>What is true of all formats alike.</summary>
public sealed class AllFormatsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void One_content_gives_the_same_pairs_in_every_format()
    {
        string[] captions = ["a \"big\" dog, running", "ein Hund\tam Strand", "两只狗\nspielen", "x"];
        Write(captions);

        var tables = new[] { "a.csv", "a.csv.gz", "a.tsv", "a.jsonl", "a.json", "a.parquet" }.Select(name => Collected.From(_folder.PathOf(name))).ToList();
        var samples = new[] { "shards", "images" }.Select(name => Collected.From(_folder.PathOf(name))).ToList();

        Assert.All(tables.Concat(samples), read => Assert.Empty(read.Faults));
        Assert.Equal(captions, tables[0].Pairs.Select(p => p.Caption));
        Assert.All(tables, read => Assert.Equal(tables[0].Pairs, read.Pairs));
        Assert.All(samples, read => Assert.Equal(tables[0].Pairs, read.Pairs.Select(p => p with { Image = "" })));
    }

    [Fact]
    public void A_second_read_gives_the_same_in_the_same_order_with_the_same_faults()
    {
        Write(["one", "", "three", "four"]);
        File.AppendAllText(_folder.PathOf("a.csv"), "x\n");
        File.AppendAllText(_folder.PathOf("a.jsonl"), "x\n");
        File.WriteAllText(_folder.PathOf("images", "lost.txt"), "x");

        foreach (var name in new[] { "a.csv", "a.tsv", "a.jsonl", "a.json", "a.parquet", "shards", "images" })
        {
            var source = PairSources.Open(new PairSourceRequest(_folder.PathOf(name)));
            var (first, second) = (Collected.From(source), Collected.From(PairSources.Open(new PairSourceRequest(_folder.PathOf(name)))));

            Assert.Equal(3, first.Pairs.Count);
            Assert.NotEmpty(first.Faults);
            Assert.Equal(first.Order, second.Order);
        }
    }

    [SharedFact]
    public void Conceptual_captions_are_read_whole()
    {
        var read = Collected.From(Unpack("cc3m_validation.tsv"));

        // One pair a line: the file has 15,833, all of two columns in UTF-8.
        Assert.Equal((15_833, 0), (read.Pairs.Count, read.Faults.Count));
        Assert.Equal("author : a life in photography -- in pictures", read.Pairs[0].Caption);
        Assert.All(read.Pairs, p => Assert.StartsWith("http", p.Url, StringComparison.Ordinal));
        Assert.Equal(15_833, read.Pairs.Select(p => p.Key).Distinct().Count());
    }

    [SharedFact]
    public void Cocos_captions_are_read_whole()
    {
        var read = Collected.From(Unpack("coco_captions_val2017.json"));

        Assert.Equal((25_014, 0), (read.Pairs.Count, read.Faults.Count));
        Assert.Equal(("38", 640, "http://images.cocodataset.org/val2017/000000179765.jpg"), (read.Pairs[0].Key, read.Pairs[0].Width, read.Pairs[0].Url));
        Assert.Equal("A black Honda motorcycle parked in front of a garage.", read.Pairs[0].Caption);
        Assert.Equal(5_000, read.Pairs.Select(p => p.Url).Distinct().Count());
    }

    [SharedFact]
    public void Cocos_funnel_is_what_the_thresholds_imply()
    {
        var dataset = new PairDataset(_folder.PathOf("dataset"));
        var source = PairSources.Open(new PairSourceRequest(Unpack("coco_captions_val2017.json")));
        new DatasetImporter(new CaptionReader(new LanguageIdentifier())).Run(source, dataset, new ImportProgress(), CancellationToken.None);
        var context = new RecipeContext("/", false, name => throw new RecipeException(name));
        var run = new CurationRun(dataset, RecipeReader.Read("filters: [image_size: {max_aspect: 2}]"), context, _folder.PathOf("run"));

        var report = run.Run(new RunProgress(), CancellationToken.None);
        var verdicts = new RunVerdicts(_folder.PathOf("run"), new Dictionary<long, bool>()).Read(0);
        var part = dataset.ReadPart(0, PartColumns.Urls, CancellationToken.None);
        var rows = Enumerable.Range(0, part.Count).ToList();

        // 53 of the 5,000 images are wider or higher than 2 to 1, with 266 captions.
        Assert.Equal((25_014, 25_014 - 266), (report.Pairs, report.Kept));
        Assert.Equal(53, rows.Where(r => verdicts[r] != 0).Select(part.Source.Urls.Text).Distinct().Count());
        Assert.All(rows, r => Assert.Equal(Math.Max(part[r].Width, part[r].Height) > 2 * Math.Min(part[r].Width, part[r].Height), verdicts[r] != 0));
    }

    private string Unpack(string name)
    {
        using var zip = ZipFile.OpenRead(SharedData.PathOf("data", "curation.zip"));
        zip.GetEntry(name)!.ExtractToFile(_folder.PathOf(name));
        return _folder.PathOf(name);
    }

    internal static string Json(int i, string caption) =>
        $$"""{"key":"k{{i}}","caption":{{System.Text.Json.JsonSerializer.Serialize(caption)}},"url":"http://a/{{i}}","width":{{640 + i}},"similarity":0.5,"tag":"t"}""";

    private void Write(string[] captions)
    {
        Directory.CreateDirectory(_folder.PathOf("shards"));
        Directory.CreateDirectory(_folder.PathOf("images"));
        static string Quoted(string text) => '"' + text.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
        string Table(char delimiter) => string.Join('\n', captions
            .Select((c, i) => string.Join(delimiter, $"k{i}", Quoted(c), $"http://a/{i}", $"{640 + i}", "0.5", "t"))
            .Prepend(string.Join(delimiter, "key", "caption", "url", "width", "similarity", "tag"))) + "\n";
        File.WriteAllText(_folder.PathOf("a.csv"), Table(','));
        File.WriteAllText(_folder.PathOf("a.tsv"), Table('\t'));
        using (var packed = new StreamWriter(new GZipStream(File.Create(_folder.PathOf("a.csv.gz")), CompressionLevel.Fastest)))
        {
            packed.Write(Table(','));
        }

        var objects = captions.Select((c, i) => Json(i, c)).ToList();
        File.WriteAllText(_folder.PathOf("a.jsonl"), string.Join('\n', objects) + "\n");
        File.WriteAllText(_folder.PathOf("a.json"), "[\n" + string.Join(",\n", objects) + "\n]\n");
        WriteParquet(_folder.PathOf("a.parquet"), captions);
        Shards.Write(_folder.PathOf("shards", "0.tar"), [.. captions.SelectMany((c, i) => new[] { ($"k{i}.jpg", "x"), ($"k{i}.txt", c), ($"k{i}.json", Json(i, c)) })]);
        for (var i = 0; i < captions.Length; i++)
        {
            File.WriteAllBytes(_folder.PathOf("images", $"k{i}.jpg"), Shards.Jpeg());
            File.WriteAllText(_folder.PathOf("images", $"k{i}.json"), Json(i, captions[i]));
        }
    }

    internal static void WriteParquet(string path, IEnumerable<string> captions)
    {
        using var file = File.Create(path);
        using var writer = new ParquetWriter(file,
        [
            new("key", ParquetType.Text), new("caption", ParquetType.Text), new("url", ParquetType.Text), new("width", ParquetType.Int32),
            new("similarity", ParquetType.Float), new("tag", ParquetType.Text),
        ]);
        var row = 0;
        foreach (var caption in captions)
        {
            writer.Set(0, $"k{row}");
            writer.Set(1, caption);
            writer.Set(2, $"http://a/{row}");
            writer.Set(3, 640L + row);
            writer.Set(4, 0.5);
            writer.Set(5, "t");
            writer.EndRow();
            row++;
        }

        writer.Finish();
    }
}
