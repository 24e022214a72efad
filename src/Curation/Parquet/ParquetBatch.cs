namespace Sightline.Curation.Parquet;

/// <summary>Some consecutive rows of a file. A batch owns what it holds: it may be kept and passed to other threads.</summary>
public sealed class ParquetBatch
{
    internal ParquetBatch(int rowGroup, long firstRow, int count, ParquetValues[] columns) =>
        (RowGroup, FirstRow, Count, Columns) = (rowGroup, firstRow, count, columns);

    /// <summary>The row group that all rows are in, counted from 0.</summary>
    public int RowGroup { get; }

    /// <summary>The place of the first row in the file, counted from 0.</summary>
    public long FirstRow { get; }

    /// <summary>Rows.</summary>
    public int Count { get; }

    /// <summary>In the order in which they were asked for.</summary>
    public IReadOnlyList<ParquetValues> Columns { get; }

    public ParquetRow this[int row] => new(this, row);
}
