namespace Sightline.Curation.Parquet;

/// <summary>How a file is read.</summary>
public sealed record ParquetReadOptions
{
    /// <summary>Rows of a batch, 1 or more; the last of a row group has fewer.</summary>
    public int BatchRows { get; init; } = 4096;

    /// <summary>
    /// The most bytes that one page may become, and that one column of a batch may put together: a limit against files that claim or expand
    /// without bound. Writers use 1 MiB pages by default, some (fastparquet) one page a row group. Default 256 MiB.
    /// </summary>
    public int MostBytes { get; init; } = 256 << 20;
}
