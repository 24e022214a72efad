namespace Sightline.Curation.Parquet;

/// <summary>Reads a column that has one value, or null, for each row.</summary>
internal sealed class FlatColumnReader<T>(PageCursor<T> cursor, ParquetColumn column, ByteBuffers buffers) : ColumnReader
    where T : unmanaged
{
    private const int Discarded = 4096;

    public override void Dispose() => cursor.Dispose();

    internal override ParquetValues Read(int rows)
    {
        var values = new T[rows];
        var levels = column.MaxDefinition > 0 ? new byte[rows] : null;
        for (var read = 0; read < rows;)
        {
            if (!cursor.TryAdvance())
            {
                throw new InvalidDataException($"its pages end {rows - read} rows before the row group.");
            }

            var count = Math.Min(rows - read, cursor.Left);
            var pageLevels = levels.AsSpan(levels is null ? 0 : read, levels is null ? 0 : count);
            cursor.ReadLevels(default, pageLevels, count);
            cursor.ReadValues(pageLevels, values.AsSpan(read, count));
            read += count;
        }

        return ToValues(column, values, rows, levels, buffers);
    }

    internal override void Skip(int rows)
    {
        var (values, levels) = (new T[Math.Min(rows, Discarded)], new byte[column.MaxDefinition > 0 ? Math.Min(rows, Discarded) : 0]);
        for (var left = rows; (left -= cursor.SkipPages(left)) > 0;)
        {
            if (!cursor.TryAdvance())
            {
                throw new InvalidDataException($"its pages end {left} rows before one that is asked for.");
            }

            var count = Math.Min(Math.Min(left, cursor.Left), values.Length);
            var pageLevels = levels.AsSpan(0, Math.Min(count, levels.Length));
            cursor.ReadLevels(default, pageLevels, count);
            cursor.ReadValues(pageLevels, values.AsSpan(0, count));
            left -= count;
        }
    }

    internal override void CheckEnd()
    {
        if (cursor.Left > 0)
        {
            throw new InvalidDataException($"it has {cursor.Left} values more than the row group has rows.");
        }
    }
}
