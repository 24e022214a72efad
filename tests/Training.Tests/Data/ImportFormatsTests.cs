using System.Formats.Tar;
using System.Text;
using Sightline.Curation;
using Sightline.Curation.Export;
using Sightline.Training.Data;

namespace Sightline.Training.Tests.Data;

/// <summary>Every format that curation reads, and every export of it that has pictures.</summary>
public sealed class ImportFormatsTests : IDisposable
{
    private const string Recipe = """{"filters": []}""";

    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ExportFormat.WebDataset)]
    [InlineData(ExportFormat.JsonLines)]
    [InlineData(ExportFormat.Csv)]
    [InlineData(ExportFormat.Parquet)]
    [InlineData(ExportFormat.Coco)]
    [InlineData(ExportFormat.ImageFolder)]
    public async Task An_export_is_read_back_with_all_captions_of_a_picture(ExportFormat format)
    {
        await ExportAsync(format);

        // Tables lie elsewhere than their pictures, which they name by absolute paths.
        var images = format is ExportFormat.WebDataset or ExportFormat.ImageFolder ? "" : ", \"images\": \"../pictures\"";
        var type = format == ExportFormat.Coco ? ", \"format\": \"coco\"" : "";
        using var data = _folder.Pack($$"""{"path": "out"{{images}}{{type}} }""", out var report);

        Assert.Empty(report.Faults);
        Assert.Equal(["zero / null", "one", "two"], DataFolder.All(data).Select(DataFolder.Captions));
        Assert.Equal(Expected(0), DataFolder.Pixels(data, 0));
        Assert.Equal(Expected(2), DataFolder.Pixels(data, 2));
    }

    [Fact]
    public void Img2datasets_shards_are_read_where_they_lie()
    {
        WriteTar("00000.tar", ("000", "zero"), ("001", "one"));
        WriteTar("00001.tar", ("000", "two"));

        using var data = _folder.Pack("""{"path": "{00000..00001}.tar"}""", out var report);

        Assert.Empty(report.Faults);
        Assert.Equal(["000", "001"], DataFolder.All(data).Take(2).Select(s => s.Key));
        Assert.Equal(["zero / two", "one"], DataFolder.All(data).Select(DataFolder.Captions));
        Assert.Equal((2, 1), (data.Count, report.Joined));
    }

    [Fact]
    public void A_folder_with_texts_beside_its_pictures_is_read()
    {
        _folder.AddPictures(3);

        using var data = _folder.Pack("""{"path": "pictures"}""");

        Assert.Equal(["picture 0", "picture 1", "picture 2"], DataFolder.All(data).Select(DataFolder.Captions));
        Assert.Equal(Expected(1), DataFolder.Pixels(data, 1));
    }

    private static byte[] Expected(int number)
    {
        var planes = new byte[3 * 8 * 8];
        Assert.Null(SquarePicture.Decode(DataFolder.Png(number), new PackOptions(8), planes));
        return planes;
    }

    private void WriteTar(string name, params (string Key, string Caption)[] samples)
    {
        using var tar = new TarWriter(File.Create(_folder.PathOf(name)));
        foreach (var (key, caption) in samples)
        {
            Write(key + ".png", DataFolder.Png(int.Parse(key, null)));
            Write(key + ".txt", DataFolder.Text(caption));
        }

        void Write(string member, byte[] bytes) =>
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, member) { DataStream = new MemoryStream(bytes) });
    }

    private async Task ExportAsync(ExportFormat format)
    {
        var dataset = new PairDataset(_folder.PathOf("dataset"));
        var batch = new PairBatch(0);
        foreach (var (picture, caption, i) in new[] { (0, "zero", 0), (1, "one", 1), (0, "null", 2), (2, "two", 3) })
        {
            batch.Add(new NewPair
            {
                Key = DataFolder.Text($"k{i}"),
                Caption = DataFolder.Text(caption),
                Image = Encoding.UTF8.GetBytes(_folder.AddFile($"pictures/{picture}.png", DataFolder.Png(picture))),
            });
        }

        Directory.CreateDirectory(_folder.PathOf("run"));
        var verdicts = new RunVerdicts(_folder.PathOf("run"), new Dictionary<long, bool>());
        dataset.WritePart(0, batch, new CaptionFacts[4], new Dictionary<string, string>());
        verdicts.Write(0, new ushort[4]);
        var source = new ExportSource("test", dataset, verdicts, ["x"], Recipe);
        await new DatasetExporter(source).RunAsync(
            new ExportRequest { Folder = _folder.PathOf("out"), Format = format }, _ => { }, CancellationToken.None);
    }
}
