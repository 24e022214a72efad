namespace Sightline.Curation.Parquet;

/// <summary>What the footer says of the file (parquet.thrift, FileMetaData).</summary>
internal sealed record FileMetadata(
    IReadOnlyList<SchemaElement> Schema, long Rows, IReadOnlyList<RowGroup> RowGroups, IReadOnlyDictionary<string, string> KeyValues,
    string? CreatedBy);

/// <summary>A node of the schema, in depth-first order (parquet.thrift, SchemaElement).</summary>
internal sealed record SchemaElement
{
    internal required string Name { get; init; }

    /// <summary>Null for groups.</summary>
    internal PhysicalType? Type { get; init; }

    /// <summary>Bytes of a FIXED_LEN_BYTE_ARRAY.</summary>
    internal int TypeLength { get; init; }

    internal Repetition Repetition { get; init; }

    internal int Children { get; init; }

    internal ConvertedType? Converted { get; init; }

    internal LogicalType Logical { get; init; }

    internal int Scale { get; init; }
}

/// <summary>parquet.thrift, LogicalType, its parameters flattened.</summary>
/// <param name="Unit">Of times and timestamps.</param>
/// <param name="IsUtc">Whether a timestamp is an instant; otherwise what some clock showed.</param>
/// <param name="BitWidth">Of integers.</param>
internal readonly record struct LogicalType(
    LogicalKind Kind, TimeUnit Unit = default, bool IsUtc = false, int BitWidth = 0, bool IsSigned = true, int Scale = 0);

/// <summary>parquet.thrift, RowGroup.</summary>
internal sealed record RowGroup(long Rows, IReadOnlyList<ColumnChunk> Columns);

/// <summary>The pages of one column in one row group (parquet.thrift, ColumnChunk and ColumnMetaData).</summary>
internal sealed record ColumnChunk
{
    internal PhysicalType Type { get; init; }

    internal Codec Codec { get; init; }

    /// <summary>Nulls included; in a list column, the count of its items, empty lists counting as one.</summary>
    internal long Values { get; init; }

    /// <summary>Bytes of all pages with their headers, as they lie in the file.</summary>
    internal long CompressedLength { get; init; }

    /// <summary>From the beginning of the file, in bytes.</summary>
    internal long DataOffset { get; init; }

    /// <summary>0 where there is none.</summary>
    internal long DictionaryOffset { get; init; }

    /// <summary>Another file that holds the pages.</summary>
    internal string? FilePath { get; init; }

    internal bool IsEncrypted { get; init; }

    /// <summary>Where the first page begins. A dictionary comes before the data, and some writers put its offset as 0 where there is
    /// none.</summary>
    internal long Start => DictionaryOffset > 0 && DictionaryOffset < DataOffset ? DictionaryOffset : DataOffset;
}
