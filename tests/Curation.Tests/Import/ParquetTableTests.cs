using Sightline.Curation.Import;
using Sightline.Curation.Parquet;
using Sightline.TestKit;

namespace Sightline.Curation.Tests.Import;

public sealed class ParquetTableTests : IDisposable
{
    private static readonly ParquetField[] DataComp =
    [
        new("uid", ParquetType.Text), new("url", ParquetType.Text), new("text", ParquetType.Text), new("original_width", ParquetType.Int64),
        new("original_height", ParquetType.Double), new("clip_b32_similarity_score", ParquetType.Float),
        new("clip_l14_similarity_score", ParquetType.Float), new("sha256", ParquetType.Text), new("nsfw", ParquetType.Float), new("raw", ParquetType.Bytes),
        new("exif", ParquetType.Json), new("when", ParquetType.Timestamp),
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Columns_are_found_by_their_usual_names_and_others_kept()
    {
        var path = _folder.PathOf("a.parquet");
        WriteDataComp(path, 3, 10);

        var read = Collected.From(path);
        var asked = Collected.From(new PairSourceRequest(path)
        {
            Columns = new Dictionary<PairColumn, string> { [PairColumn.Similarity] = "clip_b32_similarity_score" },
        });

        Assert.Equal(
            new ReadPair(
                "u1", "caption 1", "", "http://a/1", new string('c', 64),
                """{"clip_b32_similarity_score":0.25,"nsfw":0.1,"exif":{"a": 1},"when":"2026-01-02T03:04:05Z"}""", 641, 480, 0.5f),
            read.Pairs[1]);
        Assert.Equal("row 2: no_caption", read.Reasons);
        Assert.Equal(0.25f, asked.Pairs[0].Similarity);
        Assert.Equal(new FileInfo(path).Length, read.Position);
    }

    [Fact]
    public void A_damaged_row_group_is_one_fault_and_the_others_are_read()
    {
        var path = _folder.PathOf("a.parquet");
        WriteDataComp(path, 5000, 1000);
        var bytes = File.ReadAllBytes(path);
        bytes.AsSpan(bytes.Length * 2 / 5, 3000).Fill(0xA5);
        File.WriteAllBytes(path, bytes);

        var read = Collected.From(path);

        Assert.InRange(read.Faults.Count(f => f.Reason == "damaged"), 1, 2);
        Assert.Contains("row group", read.Faults.First(f => f.Reason == "damaged").Place, StringComparison.Ordinal);
        Assert.InRange(read.Pairs.Count, 2900, 4998);
        Assert.Equal(("u0", "u4999"), (read.Pairs[0].Key, read.Pairs[^1].Key));
    }

    [Fact]
    public void A_file_that_is_no_parquet_costs_itself_alone()
    {
        File.WriteAllText(_folder.PathOf("a.parquet"), "this is no parquet file at all");
        WriteDataComp(_folder.PathOf("b.parquet"), 2, 10);

        var source = PairSources.Open(new PairSourceRequest(_folder.Path));
        var fault = Assert.Throws<PairSourceException>(() => source.Read(source.Files[0], new Collected(), CancellationToken.None));
        var read = new Collected();
        source.Read(source.Files[1], read, CancellationToken.None);

        Assert.Contains("a.parquet", fault.Message, StringComparison.Ordinal);
        Assert.Equal(2, read.Pairs.Count);
    }

    [Fact]
    public void A_dataset_of_our_own_is_a_source()
    {
        File.WriteAllBytes(_folder.PathOf("1.jpg"), Shards.Jpeg());
        var pairs = new PairBatch(0);
        pairs.Add(new NewPair
        {
            Key = "k"u8, Caption = "a dog"u8, Image = System.Text.Encoding.UTF8.GetBytes(_folder.PathOf("1.jpg")), Extra = """{"a":1}"""u8, Width = 16, Height = 12, Similarity = 0.5f,
        });
        PairFile.Write(_folder.PathOf("pairs-00000.parquet"), pairs, new Dictionary<string, string>());

        var read = Collected.From(_folder.PathOf("pairs-00000.parquet"));

        Assert.Equal(
            new ReadPair("k", "a dog", _folder.PathOf("1.jpg"), "", "", """{"a":1}""", 16, 12, 0.5f), Assert.Single(read.Pairs));
    }

    private static void WriteDataComp(string path, int rows, int rowGroup)
    {
        using var file = File.Create(path);
        using var writer = new ParquetWriter(file, DataComp, new ParquetWriteOptions { RowGroupRows = rowGroup });
        for (var i = 0; i < rows; i++)
        {
            writer.Set(0, $"u{i}");
            writer.Set(1, $"http://a/{i}");
            writer.Set(2, i == 2 ? null : $"caption {i}");
            writer.Set(3, 640L + i);
            writer.Set(4, 480.0);
            writer.Set(5, 0.25);
            writer.Set(6, 0.5);
            writer.Set(7, new string('C', 64));
            writer.Set(8, 0.1f);
            writer.Set(9, [0xFF, 0xFE]);
            writer.Set(10, """{"a": 1}""");
            writer.Set(11, new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc));
            writer.EndRow();
        }

        writer.Finish();
    }
}
