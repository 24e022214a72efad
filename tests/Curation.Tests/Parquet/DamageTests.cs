using System.Buffers.Binary;
using Sightline.Curation.Parquet;

namespace Sightline.Curation.Tests.Parquet;

/// <summary>Whatever is wrong with a file, one exception says so, or the values that are read are values; memory and time stay bounded.</summary>
public sealed class DamageTests
{
    private const int MostBytes = 4 << 20;

    public static TheoryData<string> Files => [.. Golden.Files];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_cut_short_anywhere_is_refused(string name)
    {
        var bytes = File.ReadAllBytes(Golden.PathOf(name));
        for (var length = 0; length < bytes.Length; length += length < 64 || bytes.Length - length < 64 ? 1 : 61)
        {
            var e = Assert.Throws<ParquetException>(() => ParquetFile.Open(new MemoryStream(bytes[..length]), "cut"));
            Assert.StartsWith("cut: ", e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_changed_byte_gives_one_exception_or_a_read(string name)
    {
        var bytes = File.ReadAllBytes(Golden.PathOf(name));
        var footer = bytes.Length - 8 - BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(bytes.Length - 8));
        var random = new Random(1);
        for (var i = 0; i < 1000; i++)
        {
            // Half of them in the footer, where a byte can do most.
            var at = i % 2 == 0 ? random.Next(bytes.Length) : random.Next(footer, bytes.Length);
            var before = bytes[at];
            bytes[at] = (byte)(i % 3 == 0 ? before ^ 1 << random.Next(8) : random.Next(256));
            ReadAll(bytes);
            bytes[at] = before;
        }
    }

    [Theory]
    [InlineData(ParquetCompression.None)]
    [InlineData(ParquetCompression.Snappy)]
    [InlineData(ParquetCompression.Zstandard)]
    public void A_changed_byte_of_a_page_with_a_checksum_is_always_found(ParquetCompression compression)
    {
        using var stream = new MemoryStream();
        SampleRows.Write(stream, 300, new ParquetWriteOptions { Compression = compression });
        var bytes = stream.ToArray();
        var expected = Enumerable.Range(0, 300).Select(i => SampleRows.Values(i)).ToArray();
        var footer = bytes.Length - 8 - BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(bytes.Length - 8));
        for (var at = 4; at < footer; at += 3)
        {
            bytes[at] ^= 0x10;
            object?[][] read;
            try
            {
                using var file = ParquetFile.Open(new MemoryStream(bytes), "flipped");
                read = [.. file.ReadRows(null, CancellationToken.None).Select(r => Enumerable.Range(0, 12).Select(r.Value).ToArray())];
            }
            catch (ParquetException e)
            {
                Assert.StartsWith("flipped, row group 0, column ", e.Message, StringComparison.Ordinal);
                read = expected;
            }

            // A few bits of a header mean nothing to a reader.
            Assert.Equal(expected, read);
            bytes[at] ^= 0x10;
        }
    }

    [Theory]
    [InlineData("", "at least 12 bytes")]
    [InlineData("PAR1PAR1", "at least 12 bytes")]
    [InlineData("PK..\0\0\0\0\0\0\0\0", "not with PAR1")]
    [InlineData("PAR1\0\0\0\0\0\0\0\0", "cut short")]
    [InlineData("PARE\0\0\0\0PARE", "encrypted")]
    [InlineData("PAR1\0\0\0\0PARE", "encrypted")]
    [InlineData("PAR1\0\u007f\0\0PAR1", "claims 32512 bytes of a file of 12")]
    [InlineData("PAR1\0\0\0\0PAR1", "ends in the middle of a value")]
    public void What_is_no_Parquet_file_is_refused_with_the_cause(string content, string cause)
    {
        var e = Assert.Throws<ParquetException>(() => ParquetFile.Open(new MemoryStream([.. content.Select(c => (byte)c)]), "bad"));
        Assert.StartsWith("bad: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(cause, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_that_cannot_be_read_fails_when_it_is_asked_for_and_the_others_do_not()
    {
        using var file = ParquetFile.Open(Golden.PathOf("duckdb-v1-snappy.parquet"));

        Assert.Contains("lists in lists", Assert.Single(file.Columns, c => c.Name == "boxes").Unreadable, StringComparison.Ordinal);
        var e = Assert.Throws<ParquetException>(() => file.Read(["url", "boxes"], CancellationToken.None));
        Assert.Equal("boxes", e.Column);
        Assert.Contains("column boxes: it cannot be read: lists in lists are not supported", e.Message, StringComparison.Ordinal);
        Assert.Equal(60, file.ReadRows(["url"], CancellationToken.None).Count());
        Assert.Equal(file.Columns.Count - 1, file.Read(null, CancellationToken.None).First().Columns.Count);
    }

    [Fact]
    public void A_column_that_is_not_there_is_refused_with_those_that_are()
    {
        using var file = ParquetFile.Open(Golden.PathOf("parquetjs-v1.parquet"));
        var e = Assert.Throws<ParquetException>(() => file.Read(["URL"], CancellationToken.None));
        Assert.Contains("there is no column URL; there are name, colours, legacy, width, moment.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_asked_for_as_what_they_are_not_are_refused_with_the_column()
    {
        using var file = ParquetFile.Open(Golden.PathOf("parquetjs-v1.parquet"));
        var row = file.ReadRows(["name", "width"], CancellationToken.None).First(r => !r.IsNull(1));
        var e = Assert.Throws<ParquetException>(() => row.Int64(0));
        Assert.Contains("column name: it holds Text, and was asked for whole numbers", e.Message, StringComparison.Ordinal);
        e = Assert.Throws<ParquetException>(() => row.Text(1));
        Assert.Contains("column width: it holds Int32, and was asked for text", e.Message, StringComparison.Ordinal);
    }

    /// <summary>Reads each column on its own, so that the damage of one does not hide another's.</summary>
    private static void ReadAll(byte[] bytes)
    {
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using var file = ParquetFile.Open(new MemoryStream(bytes), "damaged", new ParquetReadOptions { MostBytes = MostBytes, BatchRows = 256 });
            foreach (var column in file.Columns.Where(c => c.Unreadable is null))
            {
                TryRead(file, column.Name);
            }
        }
        catch (ParquetException e)
        {
            Assert.StartsWith("damaged: ", e.Message, StringComparison.Ordinal);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 16 * MostBytes);
    }

    private static void TryRead(ParquetFile file, string column)
    {
        try
        {
            foreach (var row in file.ReadRows([column], CancellationToken.None))
            {
                row.Value(0);
            }
        }
        catch (ParquetException e)
        {
            Assert.StartsWith("damaged", e.Message, StringComparison.Ordinal);
        }
    }
}
