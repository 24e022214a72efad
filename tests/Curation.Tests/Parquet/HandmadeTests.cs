using System.Diagnostics;
using System.IO.Compression;
using Sightline.Curation.Parquet;

namespace Sightline.Curation.Tests.Parquet;

/// <summary>Files that no program would write: each rule that is broken has its own words, and no claim is believed before it is checked.</summary>
public sealed class HandmadeTests
{
    private static readonly ParquetReadOptions Options = new() { MostBytes = 1 << 20 };

    [Fact]
    public void A_file_that_breaks_no_rule_is_read()
    {
        var whole = new HandmadeFile();
        foreach (var good in new[] { whole, whole with { Crc = Crc32.Compute(whole.Page) } })
        {
            using var file = good.Open();
            Assert.Equal([1, 2], file.ReadRows(null, CancellationToken.None).Select(r => r.Int64(0)));
        }
    }

    [Fact]
    public void Checksums_are_those_of_gzip()
    {
        // The check value of CRC-32/ISO-HDLC.
        Assert.Equal(0xCBF43926, Crc32.Compute("123456789"u8));
        var bytes = new byte[700];
        new Random(4).NextBytes(bytes);
        for (var length = 0; length <= bytes.Length; length++)
        {
            Assert.Equal(BitByBit(bytes.AsSpan(0, length)), Crc32.Compute(bytes.AsSpan(0, length)));
        }
    }

    private static uint BitByBit(ReadOnlySpan<byte> bytes)
    {
        var crc = ~0u;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }

    [Fact]
    public void Levels_in_the_deprecated_packing_are_read()
    {
        // 1, 0, 1, 1, 0, 0, 0, 1 and 1, from the most significant bit on; then the five values.
        byte[] page = [0b1011_0001, 0b1000_0000, 7, 0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 0, 10, 0, 0, 0, 11, 0, 0, 0];
        using var file = new HandmadeFile { Repetition = Repetition.Optional, LevelEncoding = PageEncoding.BitPacked, PageValues = 9, Page = page }.Open();
        Assert.Equal([7, null, 8, 9, null, null, null, 10, 11], file.ReadRows(null, CancellationToken.None).Select(r => r.Int64(0)));
    }

    [Fact]
    public void Fields_that_repeat_are_lists_of_their_own()
    {
        // Repetition 0, 1, 0, 0 and definition 1, 1, 0, 1, in packed groups of eight: [5, 6], [], [7].
        byte[] page = [2, 0, 0, 0, 3, 0b0000_0010, 2, 0, 0, 0, 3, 0b0000_1011, 5, 0, 0, 0, 6, 0, 0, 0, 7, 0, 0, 0];
        var lists = new HandmadeFile { Repetition = Repetition.Repeated, PageValues = 4, Rows = 3, Page = page };
        using var file = lists.Open();
        Assert.Equal(["5 6", "", "7"], file.ReadRows(null, CancellationToken.None).Select(r => string.Join(' ', (object?[])r.Value(0)!)));
        Assert.Contains("it has more lists than the row group has rows", (lists with { Rows = 2 }).Fault().Message, StringComparison.Ordinal);
        Assert.Contains("its pages end 1 rows before", (lists with { Rows = 4 }).Fault().Message, StringComparison.Ordinal);
        page[5] |= 1;
        Assert.Contains("an item belongs to no list", lists.Fault().Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Broken => new()
    {
        { "values", "its pages end 1 rows before the row group" },
        { "short", "the page ends before its last value" },
        { "checksum", "its checksum is" },
        { "offset", "its pages claim" },
        { "length", "its pages claim" },
        { "negative offset", "data_page_offset is -1" },
        { "page length", "its chunk has 8 left" },
        { "header", "its header does not end" },
        { "more values", "row group 0 has 2 rows and 3 values of it" },
        { "more rows", "it claims 3 rows, its row groups 2" },
        { "encoding", "there is no encoding 99 for values of the type Int32" },
        { "wrong encoding", "there is no encoding DeltaByteArray for values of the type Int32" },
        { "no dictionary", "a dictionary that is not there" },
        { "index", "a page asks for entry 3 of a dictionary of 3" },
        { "entries", "a dictionary claims 4 entries in 12 bytes" },
        { "width", "numbers of 33 bits" },
        { "value length", "a value claims 4294967295 bytes" },
        { "level encoding", "there is no encoding Plain for levels" },
        { "levels", "a page claims 4294967295 bytes" },
        { "chunk type", "row group 0 has Int64 where the schema has Int32" },
        { "type", "there is no physical type 17" },
        { "fixed length", "a fixed length of 0 bytes" },
        { "lzo", "LZO, which is not supported" },
        { "lz4", "deprecated" },
        { "codec", "there is no codec 12" },
        { "encrypted", "it is encrypted" },
        { "elsewhere", "it lies in another file, part-1.parquet" },
        { "tree", "the schema ends in the middle of its tree" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_rule_is_named(string rule, string cause)
    {
        byte[] three = [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0];
        var file = rule switch
        {
            "values" => new HandmadeFile { PageValues = 1, ChunkValues = 2, Rows = 2 },
            "short" => new HandmadeFile { PageValues = 3 },
            "checksum" => new HandmadeFile { Crc = 12345 },
            "offset" => new HandmadeFile { Offset = 1L << 40 },
            "length" => new HandmadeFile { Length = 1L << 40 },
            "negative offset" => new HandmadeFile { Offset = -1 },
            "page length" => new HandmadeFile { CompressedSize = 9, UncompressedSize = 9 },
            "header" => new HandmadeFile { Length = 3 },
            "more values" => new HandmadeFile { ChunkValues = 3 },
            "more rows" => new HandmadeFile { FileRows = 3 },
            "encoding" => new HandmadeFile { Encoding = (PageEncoding)99 },
            "wrong encoding" => new HandmadeFile { Encoding = PageEncoding.DeltaByteArray },
            "no dictionary" => new HandmadeFile { Encoding = PageEncoding.RleDictionary, Page = [2, 4, 0] },
            "index" => new HandmadeFile { Encoding = PageEncoding.RleDictionary, Dictionary = three, DictionaryEntries = 3, Page = [2, 4, 3] },
            "entries" => new HandmadeFile { Encoding = PageEncoding.RleDictionary, Dictionary = three, DictionaryEntries = 4, Page = [2, 4, 0] },
            "width" => new HandmadeFile { Encoding = PageEncoding.RleDictionary, Dictionary = three, DictionaryEntries = 3, Page = [33, 4, 0, 0, 0, 0, 0] },
            "value length" => new HandmadeFile { Type = PhysicalType.ByteArray, PageValues = 1, Page = [255, 255, 255, 255, 1] },
            "level encoding" => new HandmadeFile { Repetition = Repetition.Optional, LevelEncoding = PageEncoding.Plain },
            "levels" => new HandmadeFile { Repetition = Repetition.Optional, Page = [255, 255, 255, 255, 1] },
            "chunk type" => new HandmadeFile { ChunkType = PhysicalType.Int64 },
            "type" => new HandmadeFile { Type = (PhysicalType)17 },
            "fixed length" => new HandmadeFile { Type = PhysicalType.FixedLengthByteArray },
            "lzo" => new HandmadeFile { Codec = Codec.Lzo },
            "lz4" => new HandmadeFile { Codec = Codec.Lz4 },
            "codec" => new HandmadeFile { Codec = (Codec)12 },
            "encrypted" => new HandmadeFile { IsEncrypted = true },
            "elsewhere" => new HandmadeFile { FilePath = "part-1.parquet" },
            "tree" => new HandmadeFile { MoreChildren = 1 },
            _ => throw new UnreachableException(),
        };
        var e = file.Fault(Options);
        Assert.StartsWith("handmade", e.Message, StringComparison.Ordinal);
        Assert.Contains(cause, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData((int)Codec.Uncompressed)]
    [InlineData((int)Codec.Snappy)]
    [InlineData((int)Codec.Gzip)]
    [InlineData((int)Codec.Brotli)]
    [InlineData((int)Codec.Zstd)]
    [InlineData((int)Codec.Lz4Raw)]
    public void A_page_that_claims_to_become_too_much_is_refused_before_memory_is_taken(int codec)
    {
        foreach (var size in new[] { int.MaxValue, (1 << 20) + 1, 1 << 20 })
        {
            var file = new HandmadeFile { Codec = (Codec)codec, UncompressedSize = size };
            var before = GC.GetAllocatedBytesForCurrentThread();
            var e = file.Fault(Options);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3 << 20);
            Assert.Equal("c", e.Column);
        }
    }

    [Fact]
    public void A_page_that_becomes_more_than_it_says_is_refused()
    {
        var zeros = new byte[1 << 20];
        using var gzip = new MemoryStream();
        using (var stream = new GZipStream(gzip, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            stream.Write(zeros);
        }

        var brotli = new byte[BrotliEncoder.GetMaxCompressedLength(zeros.Length)];
        Assert.True(BrotliEncoder.TryCompress(zeros, brotli, out var brotliLength));
        var snappy = new byte[SnappyEncoder.MostBytes(zeros.Length)];
        var zstandard = new byte[Zstandard.MostBytes(zeros.Length)];
        using var encoder = Zstandard.Encoder.Create();
        foreach (var (codec, page) in new[]
        {
            (Codec.Gzip, gzip.ToArray()), (Codec.Brotli, brotli[..brotliLength]), (Codec.Snappy, snappy[..SnappyEncoder.Compress(zeros, snappy)]),
            (Codec.Zstd, zstandard[..encoder.Compress(zeros, zstandard, 3)]),
        })
        {
            using (var file = new HandmadeFile { Codec = codec, Page = page, UncompressedSize = zeros.Length, PageValues = zeros.Length / 4 }.Open(Options))
            {
                Assert.Equal(zeros.Length / 4, file.ReadRows(null, CancellationToken.None).Count(r => r.Int64(0) == 0));
            }

            foreach (var size in new[] { zeros.Length - 4, 8, 0 })
            {
                Assert.NotNull(new HandmadeFile { Codec = codec, Page = page, UncompressedSize = size, PageValues = 2 }.Fault(Options));
            }
        }
    }

    [Fact]
    public void Values_that_share_beginnings_without_bound_are_refused()
    {
        // 30 000 values, each the one before (all prefix, no suffix) of 60 000 bytes: blocks of 128 in which every difference is 0.
        const int Count = 30_000;
        const int First = 60_000;
        byte[] page =
        [
            .. Delta(0, First), .. Delta(First, -First), .. new byte[First],
        ];
        var e = new HandmadeFile { Type = PhysicalType.ByteArray, Encoding = PageEncoding.DeltaByteArray, PageValues = Count, Page = page }.Fault(Options);
        Assert.Contains("share their beginnings take more than 1048576 bytes", e.Message, StringComparison.Ordinal);

        // The first number, then once the difference, then zeros.
        static byte[] Delta(long first, long then)
        {
            var bytes = new List<byte>([.. Varint(128), .. Varint(4), .. Varint(Count), .. Zigzag(first)]);
            for (var block = 0; block < (Count + 126) / 128; block++)
            {
                // The least difference of the first block is what is not zero; 33 bits bring the others back.
                bytes.AddRange(block > 0 ? [.. Zigzag(0), 0, 0, 0, 0] : FirstBlock(then));
            }

            return [.. bytes];
        }

        static byte[] FirstBlock(long then)
        {
            var least = Math.Min(then, 0);
            var numbers = Enumerable.Range(0, 128).Select(i => (i == 0 ? then : 0) - least);
            return [.. Zigzag(least), 64, 64, 64, 64, .. numbers.SelectMany(BitConverter.GetBytes)];
        }

        static byte[] Zigzag(long n) => Varint((ulong)(n << 1 ^ n >> 63));

        static byte[] Varint(ulong n) => n < 128 ? [(byte)n] : [(byte)(n | 128), .. Varint(n >> 7)];
    }

    [Fact]
    public void Structures_that_lie_in_each_other_without_end_are_refused()
    {
        // A field of the type structure, again and again.
        byte[] footer = [.. Enumerable.Repeat((byte)0x9C, 100_000)];
        byte[] file = [.. "PAR1"u8, .. footer, .. BitConverter.GetBytes(footer.Length), .. "PAR1"u8];
        var e = Assert.Throws<ParquetException>(() => ParquetFile.Open(new MemoryStream(file), "deep"));
        Assert.Contains("more than 32 deep", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_that_claims_more_elements_than_bytes_is_refused()
    {
        // Field 2, a list of 2 147 483 647 structures.
        byte[] footer = [0x29, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x07];
        byte[] file = [.. "PAR1"u8, .. footer, .. BitConverter.GetBytes(footer.Length), .. "PAR1"u8];
        var e = Assert.Throws<ParquetException>(() => ParquetFile.Open(new MemoryStream(file), "long"));
        Assert.Contains("ends in the middle of a value", e.Message, StringComparison.Ordinal);
    }
}
