using System.Buffers.Binary;
using System.Text;

namespace Sightline.Curation.Parquet;

/// <summary>
/// Writes a Parquet file (https://github.com/apache/parquet-format) that pandas, pyarrow, DuckDB and the others read: row by row, each
/// column given its value by its place, in any order. What is not written yet, at most one row group, compressed, is in memory.
/// </summary>
/// <exception cref="InvalidOperationException">Thrown by the methods that take values: the column holds another type or has a value in this
/// row, or the file is finished.</exception>
public sealed class ParquetWriter : IDisposable
{
    private static readonly string CreatedBy = $"sightline version {typeof(ParquetWriter).Assembly.GetName().Version?.ToString(3)}";

    private readonly Stream _stream;
    private readonly ParquetWriteOptions _options;
    private readonly PageCompressor _compressor;
    private readonly ColumnWriter[] _columns;
    private readonly List<PlacedRowGroup> _rowGroups = [];
    private byte[] _text = [];
    private int _rows;
    private long _position;
    private bool _isFinished;

    /// <param name="stream">Is written from where it stands; need not seek; stays the caller's to dispose.</param>
    /// <param name="fields">One or more columns.</param>
    /// <exception cref="ArgumentException">A name is empty or used twice, or a type cannot be written.</exception>
    public ParquetWriter(Stream stream, IReadOnlyList<ParquetField> fields, ParquetWriteOptions? options = null)
    {
        _options = options ?? new ParquetWriteOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.RowGroupRows, 1);
        ArgumentOutOfRangeException.ThrowIfZero(fields.Count);
        if (fields.Any(f => f.Name.Length == 0) || fields.DistinctBy(f => f.Name).Count() < fields.Count)
        {
            throw new ArgumentException("Each column has a name of its own.", nameof(fields));
        }

        _stream = stream;
        _compressor = new PageCompressor(_options.Compression, _options.ZstandardLevel);
        _columns = [.. fields.Select(f => ColumnWriter.Create(f, _compressor, _options))];
        Put(ParquetFile.Magic);
    }

    /// <summary>Rows ended so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Without <see cref="Finish"/> before, the file stays without its end, and no reader takes it for whole.</summary>
    public void Dispose()
    {
        foreach (var column in _columns)
        {
            column.Dispose();
        }

        _compressor.Dispose();
    }

    public void SetNull(int column) => Next(column).AddNull();

    public void Set(int column, bool? value)
    {
        if (value is null)
        {
            SetNull(column);
            return;
        }

        Next(column).Add(value.Value);
    }

    /// <summary>For columns of <see cref="ParquetType.Int32"/> and <see cref="ParquetType.Int64"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value does not fit into the column's 32 bits.</exception>
    public void Set(int column, long? value)
    {
        if (value is null)
        {
            SetNull(column);
            return;
        }

        var writer = Next(column);
        writer.Add(writer.Field.Type == ParquetType.Timestamp ? throw writer.Mismatch("a whole number") : value.Value);
    }

    /// <summary>For columns of <see cref="ParquetType.Float"/>, which rounds, and <see cref="ParquetType.Double"/>.</summary>
    public void Set(int column, double? value)
    {
        if (value is null)
        {
            SetNull(column);
            return;
        }

        Next(column).Add(value.Value);
    }

    /// <summary>For columns of <see cref="ParquetType.Text"/> and <see cref="ParquetType.Json"/>. Halves of surrogates become
    /// U+FFFD.</summary>
    public void Set(int column, string? value)
    {
        if (value is null)
        {
            SetNull(column);
            return;
        }

        var most = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (_text.Length < most)
        {
            _text = new byte[most];
        }

        Next(column).Add(_text.AsSpan(0, Encoding.UTF8.GetBytes(value, _text)));
    }

    /// <summary>For columns of <see cref="ParquetType.Bytes"/>, and of text that is UTF-8 already.</summary>
    public void Set(int column, ReadOnlySpan<byte> value) => Next(column).Add(value);

    /// <summary>For columns of <see cref="ParquetType.Timestamp"/>; cut to microseconds. What is not marked as local is taken for
    /// UTC.</summary>
    public void Set(int column, DateTime? value)
    {
        var writer = Next(column);
        if (value is null)
        {
            writer.AddNull();
            return;
        }

        var utc = value.Value.Kind == DateTimeKind.Local ? value.Value.ToUniversalTime() : value.Value;
        writer.Add(writer.Field.Type == ParquetType.Timestamp
            ? (utc.Ticks / TimeSpan.TicksPerMicrosecond) - (DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerMicrosecond)
            : throw writer.Mismatch("a timestamp"));
    }

    /// <summary>Ends a row. Optional columns that were given nothing are null.</summary>
    /// <exception cref="InvalidOperationException">A column that must have a value was given none.</exception>
    public void EndRow()
    {
        foreach (var column in _columns)
        {
            if (column.Rows == _rows)
            {
                column.AddNull();
            }
        }

        Rows++;
        if (++_rows == _options.RowGroupRows)
        {
            WriteRowGroup();
        }
    }

    /// <summary>A column to be given its values of many rows at once, before <see cref="EndRows"/>.</summary>
    internal ColumnWriter ColumnAt(int column) => _columns[column];

    /// <summary>Ends rows of which every column was given its values, nulls too.</summary>
    /// <exception cref="InvalidOperationException">A column was given more or fewer, or the rows do not fit into the row group.</exception>
    internal void EndRows(int rows)
    {
        if (_isFinished || rows > _options.RowGroupRows - _rows || _columns.Any(c => c.Rows != _rows + rows))
        {
            throw new InvalidOperationException($"{rows} rows of {_columns.Length} columns were not given, or are too many for a row group.");
        }

        (Rows, _rows) = (Rows + rows, _rows + rows);
        if (_rows == _options.RowGroupRows)
        {
            WriteRowGroup();
        }
    }

    /// <summary>Writes what is left, and the footer.</summary>
    /// <exception cref="InvalidOperationException">The last row has not been ended.</exception>
    public void Finish()
    {
        if (_isFinished || _columns.Any(c => c.Rows != _rows))
        {
            throw new InvalidOperationException(_isFinished ? "The file is finished." : "The last row has not been ended.");
        }

        if (_rows > 0)
        {
            WriteRowGroup();
        }

        _isFinished = true;
        var writer = new FooterWriter([.. _columns.Select(c => c.Field)], _compressor.Codec);
        var footer = writer.Write(_rowGroups, _options.KeyValues, CreatedBy);
        Put(footer);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, footer.Length);
        Put(length);
        Put(ParquetFile.Magic);
    }

    private ColumnWriter Next(int column) => _isFinished
        ? throw new InvalidOperationException("The file is finished.")
        : _columns[column].Rows == _rows
            ? _columns[column]
            : throw new InvalidOperationException($"Column {_columns[column].Field.Name} has a value in this row.");

    private void WriteRowGroup()
    {
        var placed = new PlacedChunk[_columns.Length];
        for (var i = 0; i < placed.Length; i++)
        {
            var chunk = _columns[i].Finish();
            placed[i] = new PlacedChunk(
                _position, chunk.Values, chunk.DictionaryPage.Length, chunk.DictionaryPage.Length + (long)chunk.Pages.Length,
                chunk.UncompressedLength, chunk.PageCounts, chunk.Statistics);
            Put(chunk.DictionaryPage.Span);
            Put(chunk.Pages.Span);
        }

        _rowGroups.Add(new PlacedRowGroup(_rows, placed));
        _rows = 0;
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        _position += bytes.Length;
    }
}
