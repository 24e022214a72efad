namespace Sightline.Curation.Parquet;

/// <summary>One row of a batch. Columns go by their place among those that were asked for; a null gives null.</summary>
/// <exception cref="ParquetException">Thrown by the methods by type: the column does not hold that type, or the value does not
/// fit.</exception>
public readonly record struct ParquetRow(ParquetBatch Batch, int Row)
{
    /// <summary>The row's place in the file, counted from 0.</summary>
    public long Index => Batch.FirstRow + Row;

    public bool IsNull(int column) => Batch.Columns[column].IsNull(Row);

    public bool? Boolean(int column) => IsNull(column) ? null : Batch.Columns[column].Boolean(Row);

    /// <inheritdoc cref="ParquetValues.Int64"/>
    public long? Int64(int column) => IsNull(column) ? null : Batch.Columns[column].Int64(Row);

    /// <inheritdoc cref="ParquetValues.Double"/>
    public double? Double(int column) => IsNull(column) ? null : Batch.Columns[column].Double(Row);

    /// <inheritdoc cref="ParquetValues.Timestamp"/>
    public DateTime? Timestamp(int column) => IsNull(column) ? null : Batch.Columns[column].Timestamp(Row);

    /// <inheritdoc cref="ParquetValues.Bytes"/>
    public ReadOnlyMemory<byte>? Bytes(int column) => IsNull(column) ? null : Batch.Columns[column].Bytes(Row);

    /// <inheritdoc cref="ParquetValues.Text"/>
    public string? Text(int column) => IsNull(column) ? null : Batch.Columns[column].Text(Row);

    /// <inheritdoc cref="ParquetValues.Value"/>
    public object? Value(int column) => Batch.Columns[column].Value(Row);
}
