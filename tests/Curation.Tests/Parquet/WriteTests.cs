using System.Globalization;
using System.IO.Compression;
using Sightline.Curation.Parquet;

namespace Sightline.Curation.Tests.Parquet;

/// <summary>What <see cref="ParquetWriter"/> writes, <see cref="ParquetFile"/> reads back; other programs are asked in
/// <see cref="OtherProgramsTests"/>.</summary>
public sealed class WriteTests
{
    public static TheoryData<ParquetCompression> Compressions => [.. Enum.GetValues<ParquetCompression>()];

    [Theory]
    [MemberData(nameof(Compressions))]
    public void Rows_are_read_back_as_they_were_written(ParquetCompression compression)
    {
        // Small limits, so that pages, row groups and the fallback from the dictionary are all met.
        var options = new ParquetWriteOptions { Compression = compression, RowGroupRows = 1700, PageBytes = 4096, DictionaryBytes = 9000 };
        using var stream = new MemoryStream();
        SampleRows.Write(stream, 5000, options);

        using var file = ParquetFile.Open(stream, "sample");
        Assert.Equal((5000, 3), (file.Rows, file.RowGroups));
        Assert.Equal(SampleRows.Fields.Select(f => (f.Name, f.Type, f.IsOptional)), file.Columns.Select(c => (c.Name, c.Type, c.IsOptional)));
        Assert.Equal("1", file.KeyValues["curation"]);
        Assert.StartsWith("sightline", file.CreatedBy, StringComparison.Ordinal);
        foreach (var row in file.ReadRows(null, CancellationToken.None))
        {
            Assert.Equal(SampleRows.Values(row.Index), Enumerable.Range(0, SampleRows.Fields.Count).Select(row.Value));
        }
    }

    [Fact]
    public void A_file_without_rows_has_its_columns()
    {
        using var stream = new MemoryStream();
        SampleRows.Write(stream, 0, new ParquetWriteOptions());

        using var file = ParquetFile.Open(stream, "empty");
        Assert.Equal((0, 0, SampleRows.Fields.Count), (file.Rows, file.RowGroups, file.Columns.Count));
        Assert.Empty(file.Read(null, CancellationToken.None));
    }

    [Fact]
    public void Rows_go_out_by_row_groups_to_a_stream_that_cannot_seek()
    {
        using var target = new MemoryStream();
        using (var oneWay = new DeflateStream(target, CompressionLevel.NoCompression, leaveOpen: true))
        using (var writer = new ParquetWriter(oneWay, [new ParquetField("n", ParquetType.Int64)], new ParquetWriteOptions { RowGroupRows = 20_000 }))
        {
            for (var i = 0; i < 200_000; i++)
            {
                writer.Set(0, i * 1_000_003L);
                writer.EndRow();

                // A row group has 20 000 distinct numbers of 8 bytes; Deflate holds some back.
                Assert.True(target.Length >= (i / 20_000 * 120_000) - 100_000);
            }

            writer.Finish();
        }

        target.Position = 0;
        using var whole = new MemoryStream();
        using (var inflate = new DeflateStream(target, CompressionMode.Decompress))
        {
            inflate.CopyTo(whole);
        }

        using var file = ParquetFile.Open(whole, "one way");
        Assert.Equal((200_000, 10), (file.Rows, file.RowGroups));
        Assert.All(file.ReadRows(null, CancellationToken.None), row => Assert.Equal(row.Index * 1_000_003, row.Int64(0)));
    }

    [Fact]
    public void A_dictionary_is_kept_only_while_it_saves_bytes()
    {
        Assert.True(LengthOf(i => $"one of {i % 40} captions that are all rather long") < 60_000);

        // Distinct values cost their own bytes and next to nothing for a dictionary that does not help.
        Assert.InRange(LengthOf(i => $"{i:D12}"), 20_000 * 16, 20_000 * 17);

        static long LengthOf(Func<int, string> text)
        {
            using var stream = new MemoryStream();
            var options = new ParquetWriteOptions { Compression = ParquetCompression.None };
            using var writer = new ParquetWriter(stream, [new ParquetField("text", ParquetType.Text)], options);
            for (var i = 0; i < 20_000; i++)
            {
                writer.Set(0, text(i));
                writer.EndRow();
            }

            writer.Finish();
            return stream.Length;
        }
    }

    [Fact]
    public void Numbers_keep_their_bits()
    {
        var otherNaN = BitConverter.Int64BitsToDouble(0x7FF8_0000_0000_1234);
        double[] numbers = [0.0, -0.0, double.NaN, otherNaN, double.MaxValue, double.Epsilon, double.NegativeInfinity];
        using var stream = new MemoryStream();
        using (var writer = new ParquetWriter(stream, [new ParquetField("n", ParquetType.Double, IsOptional: false)]))
        {
            foreach (var number in numbers.Concat(numbers))
            {
                writer.Set(0, number);
                writer.EndRow();
            }

            writer.Finish();
        }

        using var file = ParquetFile.Open(stream, "numbers");
        var read = ((ParquetScalars<double>)file.Read(null, CancellationToken.None).Single().Columns[0]).Values.ToArray();
        Assert.Equal(numbers.Concat(numbers).Select(BitConverter.DoubleToInt64Bits), read.Select(BitConverter.DoubleToInt64Bits));
    }

    [Fact]
    public void What_does_not_fit_a_column_or_a_row_is_refused()
    {
        using var stream = new MemoryStream();
        ParquetField[] fields = [new("id", ParquetType.Int32, IsOptional: false), new("at", ParquetType.Timestamp)];
        using var writer = new ParquetWriter(stream, fields);

        var e = Assert.Throws<InvalidOperationException>(() => writer.Set(0, "text"));
        Assert.Contains("Column id holds Int32, and was given bytes", e.Message, StringComparison.Ordinal);
        e = Assert.Throws<InvalidOperationException>(() => writer.Set(1, 5));
        Assert.Contains("Column at holds Timestamp, and was given a whole number", e.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => writer.SetNull(0));
        Assert.Throws<InvalidOperationException>(writer.EndRow);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Set(0, 1L << 31));
        writer.Set(0, 1);
        Assert.Throws<InvalidOperationException>(() => writer.Set(0, 1));
        Assert.Throws<InvalidOperationException>(writer.Finish);
        writer.EndRow();
        writer.Finish();
        Assert.Throws<InvalidOperationException>(() => writer.Set(0, 1));
        Assert.Throws<ArgumentException>(() => new ParquetWriter(stream, [new ParquetField("a", ParquetType.Decimal)]));
        Assert.Throws<ArgumentException>(() => new ParquetWriter(stream, [fields[0], fields[0]]));
    }

    [Fact]
    public void A_file_that_was_not_finished_is_not_taken_for_whole()
    {
        using var stream = new MemoryStream();
        using (var writer = new ParquetWriter(stream, [new ParquetField("n", ParquetType.Int64)], new ParquetWriteOptions { RowGroupRows = 10 }))
        {
            for (var i = 0; i < 25; i++)
            {
                writer.Set(0, i);
                writer.EndRow();
            }
        }

        Assert.Contains("cut short", Assert.Throws<ParquetException>(() => ParquetFile.Open(stream, "half")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_is_stored_as_UTF_8_and_timestamps_as_UTC()
    {
        using var stream = new MemoryStream();
        using (var writer = new ParquetWriter(stream, [new ParquetField("t", ParquetType.Text), new ParquetField("at", ParquetType.Timestamp)]))
        {
            writer.Set(0, "青い\ud83c");
            writer.Set(1, new DateTime(1969, 12, 31, 23, 59, 59, DateTimeKind.Unspecified).AddTicks(-1));
            writer.EndRow();
            writer.Finish();
        }

        using var file = ParquetFile.Open(stream, "text");
        var row = file.ReadRows(null, CancellationToken.None).Single();
        Assert.Equal("青い\ufffd", row.Text(0));
        Assert.Equal("青い\ufffd"u8.ToArray(), row.Bytes(0)!.Value.ToArray());
        Assert.Equal(DateTimeKind.Utc, row.Timestamp(1)!.Value.Kind);
        Assert.Equal("1969-12-31T23:59:58.9999990Z", row.Timestamp(1)!.Value.ToString("O", CultureInfo.InvariantCulture));
    }
}
