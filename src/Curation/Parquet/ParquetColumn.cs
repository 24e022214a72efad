namespace Sightline.Curation.Parquet;

/// <summary>A column of a file: a leaf of its schema.</summary>
public sealed record ParquetColumn
{
    internal ParquetColumn()
    {
    }

    /// <summary>The names on the way to it joined by dots; of a list of plain values, the name of the list.</summary>
    public required string Name { get; init; }

    /// <summary>Of the values; in a list column, of its items.</summary>
    public ParquetType Type { get; init; }

    /// <summary>Whether a row may be null.</summary>
    public bool IsOptional { get; init; }

    /// <summary>Whether each row holds a list of values: <see cref="ParquetLists"/>.</summary>
    public bool IsList => MaxRepetition > 0;

    /// <summary>Whether a timestamp is an instant, in UTC; otherwise it is what some clock showed.</summary>
    public bool IsUtc { get; init; }

    /// <summary>Why the column cannot be read; null where it can. Asking for one that cannot fails with this cause.</summary>
    public string? Unreadable { get; init; }

    /// <summary>For messages.</summary>
    internal string File { get; init; } = "";

    /// <summary>Its place among the leaves, and so among the chunks of each row group.</summary>
    internal int Leaf { get; init; }

    internal PhysicalType Physical { get; init; }

    /// <summary>Bytes of each value of a FIXED_LEN_BYTE_ARRAY.</summary>
    internal int TypeLength { get; init; }

    /// <summary>The definition level of a value that is there (Dremel: the optional and repeated nodes on the way to it).</summary>
    internal int MaxDefinition { get; init; }

    internal int MaxRepetition { get; init; }

    /// <summary>The least definition level at which a list has an item; one below, the list is there and empty; further below, it is
    /// null.</summary>
    internal int ItemDefinition { get; init; }

    internal TimeUnit Unit { get; init; }

    /// <summary>Digits of a decimal behind the point.</summary>
    internal int Scale { get; init; }

    internal ParquetException Fault(string cause, int? rowGroup = null, Exception? inner = null) => new(File, rowGroup, Name, cause, inner);
}
