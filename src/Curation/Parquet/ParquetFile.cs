using System.Buffers.Binary;
using System.Text;

namespace Sightline.Curation.Parquet;

/// <summary>
/// Reads Parquet files (https://github.com/apache/parquet-format), as pandas, pyarrow, parquet-mr, DuckDB and others write them: columns of
/// plain values and lists of them, every encoding of the format, pages of version 1 and 2. Nothing but the footer and the pages at hand is
/// in memory. Several threads may read from one file at once.
/// </summary>
public sealed class ParquetFile : IDisposable
{
    private const int TailLength = 8;

    /// <summary>In bytes; a footer of a thousand row groups of a thousand columns stays below.</summary>
    private const int LongestFooter = 256 << 20;

    private readonly ParquetSource _source;
    private readonly ParquetReadOptions _options;
    private readonly FileMetadata _metadata;

    private ParquetFile(ParquetSource source, string name, ParquetReadOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchRows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MostBytes, Array.MaxLength - BitPacking.Slack);
        (_source, Name, _options) = (source, name, options);
        try
        {
            _metadata = FooterReader.Read(ReadFooter(source));
            Columns = SchemaReader.Read(_metadata.Schema, name);
            CheckRowGroups();
        }
        catch (InvalidDataException e)
        {
            throw new ParquetException(name, null, null, e.Message, e);
        }

        Columns = [.. Columns.Select(c => c.Unreadable is null ? c with { Unreadable = WhyUnreadable(c) } : c)];
    }

    internal static ReadOnlySpan<byte> Magic => "PAR1"u8;

    internal static ReadOnlySpan<byte> EncryptedMagic => "PARE"u8;

    /// <summary>The path, or the name that the stream was opened by.</summary>
    public string Name { get; }

    /// <summary>All columns, those too that cannot be read.</summary>
    public IReadOnlyList<ParquetColumn> Columns { get; }

    public long Rows => _metadata.Rows;

    public int RowGroups => _metadata.RowGroups.Count;

    /// <summary>What wrote the file; null where it does not say.</summary>
    public string? CreatedBy => _metadata.CreatedBy;

    /// <summary>What the writer put beside the data, such as pandas' index.</summary>
    public IReadOnlyDictionary<string, string> KeyValues => _metadata.KeyValues;

    /// <exception cref="ParquetException">The file is no Parquet file, or damaged, or encrypted.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static ParquetFile Open(string path, ParquetReadOptions? options = null)
    {
        // Pages are read whole: a buffer between would only copy.
        var stream = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.RandomAccess });
        return Open(new ParquetSource(stream, ownsStream: true), path, options);
    }

    /// <param name="stream">Can seek; stays the caller's to dispose, after the file.</param>
    /// <param name="name">For messages.</param>
    /// <exception cref="ParquetException">The stream is no Parquet file, or damaged, or encrypted.</exception>
    public static ParquetFile Open(Stream stream, string name, ParquetReadOptions? options = null) =>
        Open(new ParquetSource(stream, ownsStream: false), name, options);

    public void Dispose() => _source.Dispose();

    /// <summary>Reads columns of all rows, in the order of the file.</summary>
    /// <param name="columns">Names; null for all columns that can be read.</param>
    /// <exception cref="ParquetException">The file has no such column, or cannot give it; while the batches are taken, a part of it is
    /// damaged.</exception>
    public IEnumerable<ParquetBatch> Read(IReadOnlyList<string>? columns, CancellationToken cancellationToken)
    {
        var wanted = Find(columns);
        return Enumerable.Range(0, RowGroups).SelectMany(i => ReadRowGroup(i, wanted, cancellationToken));
    }

    /// <summary>Reads columns of one row group.</summary>
    /// <param name="rowGroup">From 0 to below <see cref="RowGroups"/>.</param>
    /// <inheritdoc cref="Read"/>
    public IEnumerable<ParquetBatch> ReadRowGroup(int rowGroup, IReadOnlyList<string>? columns, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rowGroup);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rowGroup, RowGroups);
        return ReadRowGroup(rowGroup, Find(columns), cancellationToken);
    }

    /// <summary>Reads columns of all rows, a row at a time.</summary>
    /// <inheritdoc cref="Read"/>
    public IEnumerable<ParquetRow> ReadRows(IReadOnlyList<string>? columns, CancellationToken cancellationToken)
    {
        // What can be said of the columns is said here, not at the first row.
        return EachRow(Read(columns, cancellationToken));

        static IEnumerable<ParquetRow> EachRow(IEnumerable<ParquetBatch> batches)
        {
            foreach (var batch in batches)
            {
                for (var row = 0; row < batch.Count; row++)
                {
                    yield return batch[row];
                }
            }
        }
    }

    /// <summary>Reads columns of some rows; of what lies between them no page is unpacked that they are not in.</summary>
    /// <param name="rows">Places in the file, ascending.</param>
    /// <inheritdoc cref="Read"/>
    public IEnumerable<ParquetRow> ReadRows(IReadOnlyList<string>? columns, IReadOnlyList<long> rows, CancellationToken cancellationToken)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(rows[i], i == 0 ? 0 : rows[i - 1] + 1, nameof(rows));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rows[i], Rows, nameof(rows));
        }

        return Pick(Find(columns), rows, cancellationToken);
    }

    private IEnumerable<ParquetRow> Pick(ParquetColumn[] columns, IReadOnlyList<long> rows, CancellationToken cancellationToken)
    {
        var at = 0;
        for (var (index, first) = (0, 0L); index < RowGroups && at < rows.Count; first += _metadata.RowGroups[index++].Rows)
        {
            var end = first + _metadata.RowGroups[index].Rows;
            var next = first;
            var readers = new ColumnReader?[columns.Length];
            try
            {
                for (; at < rows.Count && rows[at] < end; next = rows[at++] + 1)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var values = new ParquetValues[columns.Length];
                    for (var i = 0; i < columns.Length; i++)
                    {
                        values[i] = ReadColumn(index, columns[i], ref readers[i], 1, isLast: false, skipped: (int)(rows[at] - next));
                    }

                    yield return new ParquetBatch(index, rows[at], 1, values)[0];
                }
            }
            finally
            {
                Array.ForEach(readers, r => r?.Dispose());
            }
        }
    }

    private static ParquetFile Open(ParquetSource source, string name, ParquetReadOptions? options)
    {
        try
        {
            return new ParquetFile(source, name, options ?? new ParquetReadOptions());
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private static byte[] ReadFooter(ParquetSource source)
    {
        if (source.Length < Magic.Length + TailLength)
        {
            throw new InvalidDataException($"a Parquet file has at least {Magic.Length + TailLength} bytes, this has {source.Length}.");
        }

        Span<byte> head = stackalloc byte[4];
        Span<byte> tail = stackalloc byte[TailLength];
        source.Read(0, head);
        source.Read(source.Length - TailLength, tail);
        if (head.SequenceEqual(EncryptedMagic) || tail[4..].SequenceEqual(EncryptedMagic))
        {
            throw new InvalidDataException("its footer is encrypted, which is not supported.");
        }

        if (!head.SequenceEqual(Magic) || !tail[4..].SequenceEqual(Magic))
        {
            var found = $"begins with {Convert.ToHexString(head)} and ends with {Convert.ToHexString(tail[4..])}";
            throw new InvalidDataException($"it {found}, not with PAR1 both: it was cut short, or is no Parquet file.");
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        if (length > LongestFooter || length > source.Length - Magic.Length - TailLength)
        {
            throw new InvalidDataException($"its footer claims {length} bytes of a file of {source.Length}.");
        }

        var footer = new byte[length];
        source.Read(source.Length - TailLength - length, footer);
        return footer;
    }

    private void CheckRowGroups()
    {
        Int128 rows = 0;
        for (var i = 0; i < RowGroups; i++)
        {
            var rowGroup = _metadata.RowGroups[i];
            rows += rowGroup.Rows;
            if (rowGroup.Columns.Count != Columns.Count)
            {
                throw new InvalidDataException($"row group {i} has {rowGroup.Columns.Count} columns, the schema {Columns.Count}.");
            }
        }

        if (rows != Rows)
        {
            throw new InvalidDataException($"it claims {Rows} rows, its row groups {rows}.");
        }
    }

    /// <summary>What of the chunks keeps a column from being read, whatever its pages hold.</summary>
    private string? WhyUnreadable(ParquetColumn column)
    {
        for (var i = 0; i < RowGroups; i++)
        {
            var chunk = _metadata.RowGroups[i].Columns[column.Leaf];
            var cause = chunk.IsEncrypted ? "it is encrypted, which is not supported."
                : !string.IsNullOrEmpty(chunk.FilePath) ? $"it lies in another file, {chunk.FilePath}, which is not supported."
                : chunk.Type != column.Physical ? $"row group {i} has {chunk.Type} where the schema has {column.Physical}."
                : !column.IsList && chunk.Values != _metadata.RowGroups[i].Rows
                    ? $"row group {i} has {_metadata.RowGroups[i].Rows} rows and {chunk.Values} values of it."
                : PageDecompressor.WhyUnreadable(chunk.Codec);
            if (cause is not null)
            {
                return cause;
            }
        }

        return null;
    }

    private ParquetColumn[] Find(IReadOnlyList<string>? names)
    {
        if (names is null)
        {
            return [.. Columns.Where(c => c.Unreadable is null)];
        }

        var found = new ParquetColumn[names.Count];
        for (var i = 0; i < found.Length; i++)
        {
            var matches = Columns.Where(c => c.Name == names[i]).Take(2).ToArray();
            found[i] = matches switch
            {
                [{ Unreadable: null }] => matches[0],
                [{ Unreadable: { } cause }] => throw matches[0].Fault($"it cannot be read: {cause}"),
                [] => throw new ParquetException(Name, null, null, $"there is no column {names[i]}; there are {ListNames()}."),
                _ => throw new ParquetException(Name, null, names[i], "two columns have this name."),
            };
        }

        return found;
    }

    private string ListNames()
    {
        var names = new StringBuilder().AppendJoin(", ", Columns.Take(50).Select(c => c.Name));
        return (Columns.Count > 50 ? names.Append(" and more") : names).ToString();
    }

    private IEnumerable<ParquetBatch> ReadRowGroup(int index, ParquetColumn[] columns, CancellationToken cancellationToken)
    {
        var rowGroup = _metadata.RowGroups[index];
        var before = _metadata.RowGroups.Take(index).Sum(g => g.Rows);
        var readers = new ColumnReader?[columns.Length];
        try
        {
            for (long read = 0; read < rowGroup.Rows;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var rows = (int)Math.Min(_options.BatchRows, rowGroup.Rows - read);
                var values = new ParquetValues[columns.Length];
                for (var i = 0; i < columns.Length; i++)
                {
                    values[i] = ReadColumn(index, columns[i], ref readers[i], rows, isLast: read + rows == rowGroup.Rows);
                }

                yield return new ParquetBatch(index, before + read, rows, values);
                read += rows;
            }
        }
        finally
        {
            foreach (var reader in readers)
            {
                reader?.Dispose();
            }
        }
    }

    private ParquetValues ReadColumn(int rowGroup, ParquetColumn column, ref ColumnReader? reader, int rows, bool isLast, int skipped = 0)
    {
        try
        {
            reader ??= ColumnReader.Create(_source, column, _metadata.RowGroups[rowGroup].Columns[column.Leaf], _options.MostBytes);
            if (skipped > 0)
            {
                reader.Skip(skipped);
            }

            var values = reader.Read(rows);
            if (isLast)
            {
                reader.CheckEnd();
            }

            return values;
        }
        catch (InvalidDataException e)
        {
            throw column.Fault(e.Message, rowGroup, e);
        }
    }
}
