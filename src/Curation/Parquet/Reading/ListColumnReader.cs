using System.Runtime.CompilerServices;

namespace Sightline.Curation.Parquet;

/// <summary>
/// Reads a column that has a list of values for each row. A repetition level of 0 begins a row; the definition level says whether its list
/// is null, empty, or has an item there, null or not (LogicalTypes.md, "Lists"; README.md, "Nested Encoding").
/// </summary>
internal sealed class ListColumnReader<T>(PageCursor<T> cursor, ParquetColumn column, ByteBuffers buffers, int mostBytes) : ColumnReader
    where T : unmanaged
{
    private const int Ahead = 1024;

    private readonly byte[] _repetition = new byte[Ahead];
    private readonly byte[] _definition = new byte[Ahead];
    private int _at;
    private int _end;

    public override void Dispose() => cursor.Dispose();

    internal override ParquetValues Read(int rows)
    {
        var lists = new Lists(rows);
        while (true)
        {
            if (_at == _end && !TryReadLevels())
            {
                return lists.Rows == rows
                    ? lists.ToValues(column, buffers)
                    : throw new InvalidDataException($"its pages end {rows - lists.Rows} rows before the row group.");
            }

            var first = lists.Items;
            var isFull = TakeRows(lists, rows);
            lists.Grow(column, mostBytes);
            cursor.ReadValues(lists.Levels.AsSpan(first, lists.Items - first), lists.Values.AsSpan(first, lists.Items - first));
            if (isFull)
            {
                return lists.ToValues(column, buffers);
            }
        }
    }

    // How many rows a page has, only its levels tell.
    internal override void Skip(int rows) => Read(rows);

    internal override void CheckEnd()
    {
        if (_at < _end || cursor.Left > 0)
        {
            throw new InvalidDataException("it has more lists than the row group has rows.");
        }
    }

    private bool TryReadLevels()
    {
        if (!cursor.TryAdvance())
        {
            return false;
        }

        (_at, _end) = (0, Math.Min(Ahead, cursor.Left));
        cursor.ReadLevels(_repetition.AsSpan(0, _end), _definition.AsSpan(0, _end), _end);
        return true;
    }

    /// <summary>Takes what the levels read ahead say of rows and items.</summary>
    /// <returns>True if the next row is one too many.</returns>
    private bool TakeRows(Lists lists, int rows)
    {
        lists.MakeRoom(_end - _at);
        for (; _at < _end; _at++)
        {
            var level = _definition[_at];
            if (_repetition[_at] == 0)
            {
                if (lists.Rows == rows)
                {
                    return true;
                }

                lists.BeginRow(isNull: level < column.ItemDefinition - 1);
            }
            else if (lists.Rows == 0 || level < column.ItemDefinition)
            {
                throw new InvalidDataException("an item belongs to no list.");
            }

            if (level >= column.ItemDefinition)
            {
                lists.Levels[lists.Items++] = level;
            }
        }

        return false;
    }

    /// <summary>The rows of one batch, while they are put together.</summary>
    private sealed class Lists(int rows)
    {
        private readonly int[] _starts = new int[rows + 1];
        private bool[]? _nulls;

        internal byte[] Levels { get; private set; } = new byte[rows];

        internal T[] Values { get; private set; } = new T[rows];

        internal int Rows { get; private set; }

        internal int Items { get; set; }

        internal void BeginRow(bool isNull)
        {
            _starts[Rows] = Items;
            if (isNull)
            {
                (_nulls ??= new bool[rows])[Rows] = true;
            }

            Rows++;
        }

        internal void MakeRoom(int more)
        {
            if (Items + more > Levels.Length)
            {
                var larger = new byte[Math.Max(Items + more, 2 * Levels.Length)];
                Levels.CopyTo(larger, 0);
                Levels = larger;
            }
        }

        internal void Grow(ParquetColumn column, int mostBytes)
        {
            if (Items <= Values.Length)
            {
                return;
            }

            var most = mostBytes / Unsafe.SizeOf<T>();
            if (Items > most)
            {
                throw new InvalidDataException($"the lists of {rows} rows have more than {most} items of {column.Type}.");
            }

            var larger = new T[Levels.Length];
            Values.CopyTo(larger, 0);
            Values = larger;
        }

        internal ParquetLists ToValues(ParquetColumn column, ByteBuffers buffers)
        {
            _starts[rows] = Items;
            var items = ColumnReader.ToValues(column, Values, Items, column.MaxDefinition > column.ItemDefinition ? Levels : null, buffers);
            return new ParquetLists(column, items, _starts, _nulls);
        }
    }
}
