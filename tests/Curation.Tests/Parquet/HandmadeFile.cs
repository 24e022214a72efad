using System.Buffers.Binary;
using Sightline.Curation.Parquet;

namespace Sightline.Curation.Tests.Parquet;

/// <summary>A file of one column, one row group and one page, of which everything can be said, true or not.</summary>
internal sealed record HandmadeFile
{
    internal PhysicalType Type { get; init; } = PhysicalType.Int32;

    internal int TypeLength { get; init; }

    internal Repetition Repetition { get; init; }

    internal Codec Codec { get; init; }

    internal PageEncoding Encoding { get; init; }

    internal PageEncoding LevelEncoding { get; init; } = PageEncoding.Rle;

    /// <summary>What follows the page's header.</summary>
    internal byte[] Page { get; init; } = [1, 0, 0, 0, 2, 0, 0, 0];

    internal int? UncompressedSize { get; init; }

    internal int? CompressedSize { get; init; }

    internal uint? Crc { get; init; }

    internal int PageValues { get; init; } = 2;

    internal long? Rows { get; init; }

    internal long? FileRows { get; init; }

    internal long? ChunkValues { get; init; }

    internal long? Offset { get; init; }

    internal long? Length { get; init; }

    internal string? FilePath { get; init; }

    internal bool IsEncrypted { get; init; }

    /// <summary>Plain values; null for no dictionary.</summary>
    internal byte[]? Dictionary { get; init; }

    internal int DictionaryEntries { get; init; }

    internal PhysicalType? ChunkType { get; init; }

    /// <summary>Elements of the schema besides the column's and the root's.</summary>
    internal int MoreChildren { get; init; }

    internal byte[] ToArray()
    {
        using var file = new MemoryStream();
        file.Write("PAR1"u8);
        if (Dictionary is not null)
        {
            file.Write(Header(PageType.Dictionary, Dictionary.Length, Dictionary.Length, null, w => Fields(w, 7, DictionaryEntries, (int)PageEncoding.Plain)));
            file.Write(Dictionary);
        }

        file.Write(Header(PageType.Data, UncompressedSize ?? Page.Length, CompressedSize ?? Page.Length, Crc, w =>
            Fields(w, 5, PageValues, (int)Encoding, (int)LevelEncoding, (int)LevelEncoding)));
        file.Write(Page);
        var footer = Footer(file.Length - 4);
        file.Write(footer);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, footer.Length);
        file.Write(length);
        file.Write("PAR1"u8);
        return file.ToArray();
    }

    internal ParquetFile Open(ParquetReadOptions? options = null) => ParquetFile.Open(new MemoryStream(ToArray()), "handmade", options);

    /// <summary>What reading the column fails with.</summary>
    internal ParquetException Fault(ParquetReadOptions? options = null) => Assert.Throws<ParquetException>(() =>
    {
        using var file = Open(options);
        return file.Read(["c"], CancellationToken.None).ToArray();
    });

    private static byte[] Header(PageType type, int uncompressed, int compressed, uint? crc, Action<CompactWriter> details)
    {
        var writer = new CompactWriter();
        writer.BeginElement();
        writer.Int32(1, (int)type);
        writer.Int32(2, uncompressed);
        writer.Int32(3, compressed);
        if (crc is not null)
        {
            writer.Int32(4, (int)crc.Value);
        }

        details(writer);
        writer.End();
        return writer.Written.ToArray();
    }

    private static void Fields(CompactWriter writer, int id, params int[] values)
    {
        writer.Begin(id);
        for (var i = 0; i < values.Length; i++)
        {
            writer.Int32(i + 1, values[i]);
        }

        writer.End();
    }

    private byte[] Footer(long length)
    {
        var writer = new CompactWriter();
        writer.BeginElement();
        writer.List(2, CompactType.Struct, 2);
        writer.BeginElement();
        writer.Text(4, "schema");
        writer.Int32(5, 1 + MoreChildren);
        writer.End();
        writer.BeginElement();
        writer.Int32(1, (int)Type);
        writer.Int32(2, TypeLength);
        writer.Int32(3, (int)Repetition);
        writer.Text(4, "c");
        writer.End();
        writer.Int64(3, FileRows ?? Rows ?? PageValues);
        writer.List(4, CompactType.Struct, 1);
        writer.BeginElement();
        writer.List(1, CompactType.Struct, 1);
        writer.BeginElement();
        if (FilePath is not null)
        {
            writer.Text(1, FilePath);
        }

        writer.Begin(3);
        writer.Int32(1, (int)(ChunkType ?? Type));
        writer.Int32(4, (int)Codec);
        writer.Int64(5, ChunkValues ?? PageValues);
        writer.Int64(7, Length ?? length);
        writer.Int64(9, Offset ?? 4);
        writer.End();
        if (IsEncrypted)
        {
            writer.Empty(8);
        }

        writer.End();
        writer.Int64(3, Rows ?? PageValues);
        writer.End();
        writer.End();
        return writer.Written.ToArray();
    }
}
