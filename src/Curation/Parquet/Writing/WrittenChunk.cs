namespace Sightline.Curation.Parquet;

/// <summary>The pages of a column in a row group, ready for the file.</summary>
/// <param name="Values">Nulls included.</param>
/// <param name="DictionaryPage">With its header; empty where there is none. It comes before the others.</param>
/// <param name="Pages">With their headers.</param>
/// <param name="UncompressedLength">Bytes of all pages and headers before compression.</param>
/// <param name="PageCounts">By page type and encoding.</param>
internal sealed record WrittenChunk(
    long Values, ReadOnlyMemory<byte> DictionaryPage, ReadOnlyMemory<byte> Pages, long UncompressedLength,
    IReadOnlyDictionary<(PageType Type, PageEncoding Encoding), int> PageCounts, ChunkStatistics Statistics);

/// <summary>parquet.thrift, Statistics.</summary>
/// <param name="Least">In the encoding PLAIN, byte arrays without a length; null where none is known.</param>
/// <param name="Most">Likewise.</param>
internal sealed record ChunkStatistics(long Nulls, byte[]? Least, byte[]? Most);

/// <summary>What the footer says of a chunk that is in the file.</summary>
/// <param name="Offset">Of its first page, from the beginning of the file, in bytes.</param>
internal sealed record PlacedChunk(
    long Offset, long Values, long DictionaryLength, long CompressedLength, long UncompressedLength,
    IReadOnlyDictionary<(PageType Type, PageEncoding Encoding), int> PageCounts, ChunkStatistics Statistics);

/// <summary>What the footer says of a row group that is in the file.</summary>
internal sealed record PlacedRowGroup(long Rows, IReadOnlyList<PlacedChunk> Columns);
