namespace Sightline.Curation.Parquet;

/// <summary>How a file is written.</summary>
public sealed record ParquetWriteOptions
{
    public ParquetCompression Compression { get; init; } = ParquetCompression.Snappy;

    /// <summary>1, the fastest, to 19, the smallest.</summary>
    public int ZstandardLevel { get; init; } = 3;

    /// <summary>Rows of a row group, 1 or more: what is held in memory, compressed, until it is written.</summary>
    public int RowGroupRows { get; init; } = 100_000;

    /// <summary>Bytes of values at which a page ends, before compression.</summary>
    public int PageBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of distinct values at which a column of a row group goes on without a dictionary.</summary>
    public int DictionaryBytes { get; init; } = 1 << 20;

    /// <summary>Kept beside the data, for whoever looks for these keys.</summary>
    public IReadOnlyDictionary<string, string> KeyValues { get; init; } = new Dictionary<string, string>();
}
