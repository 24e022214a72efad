namespace Sightline.Curation.Parquet;

/// <summary>How the pages of a written file are compressed.</summary>
public enum ParquetCompression
{
    None,

    /// <summary>Fast, and read by everything.</summary>
    Snappy,

    /// <summary>Smaller; by the system's libzstd.</summary>
    Zstandard,
}
