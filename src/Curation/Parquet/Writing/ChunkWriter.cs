using System.Buffers;

namespace Sightline.Curation.Parquet;

/// <summary>Collects the pages of one column chunk: version 1, each with its checksum.</summary>
internal sealed class ChunkWriter(PageCompressor compressor) : IDisposable
{
    private readonly PooledBuffer<byte> _pages = new();
    private readonly PooledBuffer<byte> _dictionaryPage = new();
    private Dictionary<(PageType Type, PageEncoding Encoding), int> _pageCounts = [];
    private long _uncompressedLength;
    private long _values;

    public void Dispose()
    {
        _pages.Dispose();
        _dictionaryPage.Dispose();
    }

    /// <param name="page">Levels, then values, not compressed.</param>
    /// <param name="values">Nulls included.</param>
    internal void AddData(ReadOnlySpan<byte> page, int values, PageEncoding encoding)
    {
        _values += values;
        Add(page, PageType.Data, encoding, _pages, header =>
        {
            header.Begin(5);
            header.Int32(1, values);
            header.Int32(2, (int)encoding);
            header.Int32(3, (int)PageEncoding.Rle);
            header.Int32(4, (int)PageEncoding.Rle);
            header.End();
        });
    }

    /// <param name="page">The entries, not compressed.</param>
    internal void AddDictionary(ReadOnlySpan<byte> page, int entries) =>
        Add(page, PageType.Dictionary, PageEncoding.Plain, _dictionaryPage, header =>
        {
            header.Begin(7);
            header.Int32(1, entries);
            header.Int32(2, (int)PageEncoding.Plain);
            header.End();
        });

    /// <summary>Gives the pages away; they are valid until the next is added.</summary>
    internal WrittenChunk Finish(ChunkStatistics statistics)
    {
        var chunk = new WrittenChunk(
            _values, _dictionaryPage.WrittenMemory, _pages.WrittenMemory, _uncompressedLength, _pageCounts, statistics);
        (_values, _uncompressedLength, _pageCounts) = (0, 0, []);
        _pages.ResetWrittenCount();
        _dictionaryPage.ResetWrittenCount();
        return chunk;
    }

    private void Add(
        ReadOnlySpan<byte> page, PageType type, PageEncoding encoding, PooledBuffer<byte> into, Action<CompactWriter> writeDetails)
    {
        var compressed = compressor.Compress(page);
        var header = new CompactWriter();
        header.BeginElement();
        header.Int32(1, (int)type);
        header.Int32(2, page.Length);
        header.Int32(3, compressed.Length);
        header.Int32(4, (int)Crc32.Compute(compressed));
        writeDetails(header);
        header.End();
        into.Write(header.Written);
        into.Write(compressed);
        _uncompressedLength += header.Written.Length + page.Length;
        _pageCounts[(type, encoding)] = _pageCounts.GetValueOrDefault((type, encoding)) + 1;
    }
}
