namespace Sightline.Curation.Parquet;

/// <summary>Reads the values of a column chunk, some rows at a time.</summary>
internal abstract class ColumnReader : IDisposable
{
    public abstract void Dispose();

    /// <summary>Reads the next rows.</summary>
    /// <exception cref="InvalidDataException">There are fewer, or a page is damaged.</exception>
    internal abstract ParquetValues Read(int rows);

    /// <summary>Passes over the next rows; pages that hold no others are neither unpacked nor checked.</summary>
    /// <inheritdoc cref="Read"/>
    internal abstract void Skip(int rows);

    /// <exception cref="InvalidDataException">Values are left when all rows of the row group have been read.</exception>
    internal abstract void CheckEnd();

    /// <param name="mostBytes">The most that a page may become, and that values of a batch may be put together to.</param>
    /// <exception cref="InvalidDataException">The chunk does not lie within the file.</exception>
    internal static ColumnReader Create(ParquetSource source, ParquetColumn column, ColumnChunk chunk, int mostBytes) =>
        column.Physical switch
        {
            PhysicalType.Boolean => Create<bool>(source, column, chunk, mostBytes),
            PhysicalType.Int32 when column.Type == ParquetType.UInt32 => Create<uint>(source, column, chunk, mostBytes),
            PhysicalType.Int32 => Create<int>(source, column, chunk, mostBytes),
            PhysicalType.Int64 when column.Type == ParquetType.UInt64 => Create<ulong>(source, column, chunk, mostBytes),
            PhysicalType.Int64 => Create<long>(source, column, chunk, mostBytes),
            PhysicalType.Int96 => Create<ParquetInt96>(source, column, chunk, mostBytes),
            PhysicalType.Float => Create<float>(source, column, chunk, mostBytes),
            PhysicalType.Double => Create<double>(source, column, chunk, mostBytes),
            _ => Create<ByteView>(source, column, chunk, mostBytes),
        };

    /// <summary>Puts values and their levels into the form that a batch shows.</summary>
    private protected static ParquetValues ToValues<T>(ParquetColumn column, T[] values, int count, byte[]? levels, ByteBuffers buffers)
        where T : unmanaged
    {
        if (levels is not null && !levels.AsSpan(0, count).ContainsAnyExcept((byte)column.MaxDefinition))
        {
            levels = null;
        }

        return values is ByteView[] views
            ? new ParquetBytes(column, views, count, levels, buffers.Take())
            : new ParquetScalars<T>(column, values, count, levels);
    }

    private static ColumnReader Create<T>(ParquetSource source, ParquetColumn column, ColumnChunk chunk, int mostBytes)
        where T : unmanaged
    {
        var buffers = new ByteBuffers();
        var pages = new PageReader(source, column, chunk, mostBytes, reusesBuffers: typeof(T) != typeof(ByteView));
        var cursor = new PageCursor<T>(pages, column, buffers, mostBytes);
        return column.IsList
            ? new ListColumnReader<T>(cursor, column, buffers, mostBytes)
            : new FlatColumnReader<T>(cursor, column, buffers);
    }
}
