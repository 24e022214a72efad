using Sightline.Curation.Parquet;

namespace Sightline.Curation.Tests.Parquet;

/// <summary>What DuckDB, arrow-rs, hyparquet-writer and parquetjs wrote is read back, value by value.</summary>
public sealed class ReadTests
{
    public static TheoryData<string> Files => [.. Golden.Files];

    [Theory]
    [MemberData(nameof(Files))]
    public void Values_are_those_that_were_written_whatever_the_batches(string name)
    {
        foreach (var batchRows in new[] { 1, 7, 4096 })
        {
            Compare(name, batchRows);
        }
    }

    [Fact]
    public void Several_readers_may_share_a_file()
    {
        using var file = ParquetFile.Open(Golden.PathOf("arrow-rs-v2-zstd.parquet"), new ParquetReadOptions { BatchRows = 10 });
        var alone = file.ReadRows(["delta_bytes"], CancellationToken.None).Select(r => r.Text(0)).ToArray();

        var together = file.ReadRows(["delta_bytes"], CancellationToken.None).Zip(file.ReadRows(["dictionary", "delta_bytes"], CancellationToken.None));
        Assert.Equal(alone, together.Select(p => p.First.Text(0) == p.Second.Text(1) ? p.First.Text(0) : "differs"));
        var threads = Enumerable.Range(0, 8).AsParallel().Select(_ => file.ReadRows(["delta_bytes"], CancellationToken.None).Select(r => r.Text(0)).ToArray());
        Assert.All(threads.ToArray(), read => Assert.Equal(alone, read));
    }

    [Fact]
    public void Batches_stay_as_they_are_when_others_are_read()
    {
        using var file = ParquetFile.Open(Golden.PathOf("arrow-rs-v1-snappy.parquet"), new ParquetReadOptions { BatchRows = 13 });
        var expected = Golden.ColumnsOf("arrow-rs-v1-snappy.parquet");
        var batches = file.Read([.. expected.Keys], CancellationToken.None).ToArray();

        var column = 0;
        foreach (var (type, values) in expected.Values)
        {
            var read = batches.SelectMany(b => Enumerable.Range(0, b.Count).Select(row => b.Columns[column].Value(row)));
            Assert.All(values.Zip(read), p => Assert.True(Golden.AreEqual(type, p.First, p.Second)));
            column++;
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Some_rows_are_those_of_all(string name)
    {
        var columns = Golden.ColumnsOf(name).Keys.ToArray();
        using var file = ParquetFile.Open(Golden.PathOf(name));
        var all = file.ReadRows(columns, CancellationToken.None).Select(row => Spell(row, columns.Length)).ToArray();
        foreach (var step in new[] { 1, 3, 50, 1_000 })
        {
            var rows = Enumerable.Range(0, all.Length).Where(i => i % step == step - 1 || i == all.Length - 1).Select(i => (long)i).ToArray();

            var some = file.ReadRows(columns, rows, CancellationToken.None).Select(row => (row.Index, Spell(row, columns.Length)));

            Assert.Equal(rows.Select(r => (r, all[r])), some);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => file.ReadRows(columns, [1, 1], CancellationToken.None));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.ReadRows(columns, [file.Rows], CancellationToken.None));

        static string Spell(ParquetRow row, int columns) => string.Join(' ', Enumerable.Range(0, columns).Select(i => Show(Golden.Spell(row.Value(i)))));
    }

    [Fact]
    public void Pages_without_a_row_that_is_asked_for_are_not_unpacked()
    {
        using var bytes = new MemoryStream();
        SampleRows.Write(bytes, 4_000, new ParquetWriteOptions { PageBytes = 4_096, DictionaryBytes = 1, Compression = ParquetCompression.None });
        var written = bytes.ToArray();

        // Whoever unpacks the page that it is in notices.
        written[written.AsSpan().IndexOf("https://example.com/600.jpg"u8)] ^= 0xff;
        using var file = ParquetFile.Open(new MemoryStream(written), "damaged");

        Assert.Equal("https://example.com/3999.jpg", Assert.Single(file.ReadRows(["url"], [3_999], CancellationToken.None)).Text(0));
        Assert.Throws<ParquetException>(() => file.ReadRows(["url"], CancellationToken.None).Count());
    }

    [Fact]
    public void A_row_group_is_read_alone()
    {
        using var file = ParquetFile.Open(Golden.PathOf("arrow-rs-v1-snappy.parquet"));
        var all = file.ReadRows(["dictionary"], CancellationToken.None).Select(r => r.Text(0)).ToArray();

        Assert.Equal(3, file.RowGroups);
        var second = Assert.Single(file.ReadRowGroup(1, ["dictionary"], CancellationToken.None));
        Assert.Equal((1, 128, 128), (second.RowGroup, second.FirstRow, second.Count));
        Assert.Equal(all[128..256], Enumerable.Range(0, 128).Select(i => second[i].Text(0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.ReadRowGroup(3, null, CancellationToken.None));
    }

    [Fact]
    public void Of_a_file_only_the_columns_asked_for_are_read()
    {
        using var stream = new CountingStream(File.ReadAllBytes(Golden.PathOf("arrow-rs-v2-plain.parquet")));
        using var file = ParquetFile.Open(stream, "counted");
        var footer = stream.BytesRead;
        Assert.Equal(300, file.ReadRows(["dictionary"], CancellationToken.None).Count());
        Assert.InRange(stream.BytesRead - footer, 100, 2000);
    }

    [Fact]
    public void Reading_stops_when_it_is_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        using var file = ParquetFile.Open(Golden.PathOf("arrow-rs-v1-snappy.parquet"), new ParquetReadOptions { BatchRows = 100 });
        using var batches = file.Read(null, cancellation.Token).GetEnumerator();
        Assert.True(batches.MoveNext());
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() => batches.MoveNext());
    }

    [Fact]
    public void What_the_file_says_of_itself_is_told()
    {
        using var file = ParquetFile.Open(Golden.PathOf("duckdb-v1-snappy.parquet"));
        Assert.Equal((60, 1), (file.Rows, file.RowGroups));
        Assert.StartsWith("DuckDB", file.CreatedBy, StringComparison.Ordinal);
        Assert.Equal(["moment", "nanos", "millis"], file.Columns.Where(c => c is { Type: ParquetType.Timestamp, IsUtc: false }).Select(c => c.Name));
        Assert.Equal(["instant"], file.Columns.Where(c => c is { Type: ParquetType.Timestamp, IsUtc: true }).Select(c => c.Name));
        Assert.Equal(["tags", "numbers", "boxes"], file.Columns.Where(c => c.IsList).Select(c => c.Name));
    }

    private static void Compare(string name, int batchRows)
    {
        var expected = Golden.ColumnsOf(name);
        using var file = ParquetFile.Open(Golden.PathOf(name), new ParquetReadOptions { BatchRows = batchRows });

        var read = expected.Keys.Select(_ => new List<object?>()).ToArray();
        foreach (var row in file.ReadRows([.. expected.Keys], CancellationToken.None))
        {
            Assert.Equal(read[0].Count, row.Index);
            for (var i = 0; i < read.Length; i++)
            {
                read[i].Add(row.Value(i));
            }
        }

        foreach (var ((column, (type, values)), got) in expected.Zip(read))
        {
            Assert.Equal(type, Assert.Single(file.Columns, c => c.Name == column).Type);
            Assert.Equal(values.Length, got.Count);
            for (var row = 0; row < values.Length; row++)
            {
                Assert.True(
                    Golden.AreEqual(type, values[row], got[row]),
                    $"{name}, {column}, row {row}: {Show(values[row])} was written, {Show(Golden.Spell(got[row]))} read.");
            }
        }
    }

    private static string Show(object? value) => value switch
    {
        null => "null",
        object?[] list => $"[{string.Join(", ", list.Select(Show))}]",
        _ => $"{value}",
    };

    private sealed class CountingStream(byte[] bytes) : MemoryStream(bytes)
    {
        internal long BytesRead { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            var read = base.Read(buffer);
            BytesRead += read;
            return read;
        }
    }
}
