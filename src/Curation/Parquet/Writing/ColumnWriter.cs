using System.Buffers;
using System.Buffers.Binary;

namespace Sightline.Curation.Parquet;

/// <summary>
/// Takes the values of one column and makes pages of them: by a dictionary as long as that is worth it, plainly from then on.
/// </summary>
internal abstract class ColumnWriter : IDisposable
{
    private const int MostPageRows = 1 << 16;

    // After so many values of a row group, most of them distinct, a dictionary is given up.
    private const int Sample = 1 << 10;

    private readonly ParquetWriteOptions _options;
    private readonly ChunkWriter _chunk;
    private readonly PooledBuffer<byte> _page = new();
    private readonly PooledBuffer<int> _indices = new();
    private readonly PooledBuffer<int> _levels = new();
    private bool _hasIndexPages;
    private long _plainBytes;
    private long _nulls;

    private protected ColumnWriter(ParquetField field, PageCompressor compressor, ParquetWriteOptions options) =>
        (Field, _options, _chunk) = (field, options, new ChunkWriter(compressor));

    internal ParquetField Field { get; }

    /// <summary>Rows taken since the last row group was finished.</summary>
    internal int Rows { get; private set; }

    /// <summary>Whether values go to the dictionary, and their indices to the page; otherwise they go to <see cref="Plain"/>.</summary>
    private protected bool UsesDictionary { get; set; }

    /// <summary>Values of the page in the encoding PLAIN.</summary>
    private protected PooledBuffer<byte> Plain { get; } = new();

    private protected virtual int DictionaryEntries => 0;

    /// <summary>Bytes of the dictionary in the encoding PLAIN.</summary>
    private protected virtual int DictionaryBytes => 0;

    internal static ColumnWriter Create(ParquetField field, PageCompressor compressor, ParquetWriteOptions options) => field.Type switch
    {
        ParquetType.Boolean => new BooleanColumnWriter(field, compressor, options),
        ParquetType.Int32 => new NumberColumnWriter<int>(field, compressor, options),
        ParquetType.Int64 or ParquetType.Timestamp => new NumberColumnWriter<long>(field, compressor, options),
        ParquetType.Float => new NumberColumnWriter<float>(field, compressor, options),
        ParquetType.Double => new NumberColumnWriter<double>(field, compressor, options),
        ParquetType.Text or ParquetType.Json or ParquetType.Bytes => new BytesColumnWriter(field, compressor, options),
        _ => throw new ArgumentException($"Column {field.Name}: {field.Type} cannot be written.", nameof(field)),
    };

    public virtual void Dispose()
    {
        _page.Dispose();
        _indices.Dispose();
        _levels.Dispose();
        Plain.Dispose();
        _chunk.Dispose();
    }

    internal virtual void Add(bool value) => throw Mismatch("a boolean");

    internal virtual void Add(long value) => throw Mismatch("a whole number");

    internal virtual void Add(double value) => throw Mismatch("a number");

    internal virtual void Add(ReadOnlySpan<byte> value) => throw Mismatch("bytes");

    internal void AddNull()
    {
        if (!Field.IsOptional)
        {
            throw new InvalidOperationException($"Column {Field.Name} must have a value in each row.");
        }

        _nulls++;
        EndRow(level: 0);
    }

    /// <summary>Ends the row group.</summary>
    /// <returns>Its pages; valid until the next value is added.</returns>
    internal WrittenChunk Finish()
    {
        FlushPage();
        if (_hasIndexPages)
        {
            WriteDictionary(Plain);
            _chunk.AddDictionary(Plain.WrittenSpan, DictionaryEntries);
            Plain.ResetWrittenCount();
        }

        var (least, most) = TakeRange();
        var chunk = _chunk.Finish(new ChunkStatistics(_nulls, least, most));
        ClearDictionary();
        (Rows, _nulls, _hasIndexPages) = (0, 0, false);
        return chunk;
    }

    /// <param name="index">Of the value in the dictionary.</param>
    /// <param name="plainBytes">What it would take without.</param>
    private protected void AddIndex(int index, int plainBytes)
    {
        _indices.Add(index);
        _plainBytes += plainBytes;
        EndRow(level: 1);
        if (_indices.WrittenCount == Sample && !_hasIndexPages && DictionaryEntries > Sample - (Sample / 8))
        {
            GiveUpDictionary();
        }
    }

    /// <summary>To be called when a value has been put into <see cref="Plain"/>.</summary>
    private protected void EndPlain() => EndRow(level: 1);

    /// <summary>Puts entries of the dictionary into a page, in the encoding PLAIN.</summary>
    private protected virtual void WriteEntries(ReadOnlySpan<int> indices, IBufferWriter<byte> into)
    {
    }

    private protected virtual void WriteDictionary(IBufferWriter<byte> into)
    {
    }

    /// <summary>Forgets all entries; a new row group begins with a dictionary again.</summary>
    private protected virtual void ClearDictionary()
    {
    }

    /// <summary>To be called before a page is made of <see cref="Plain"/>.</summary>
    private protected virtual void CompletePlain()
    {
    }

    /// <summary>Gives the least and the most value of the row group in the encoding PLAIN, null where unknown, and forgets them.</summary>
    private protected abstract (byte[]? Least, byte[]? Most) TakeRange();

    internal InvalidOperationException Mismatch(string given) =>
        new($"Column {Field.Name} holds {Field.Type}, and was given {given}.");

    private void EndRow(int level)
    {
        Rows++;
        _levels.Add(level);
        if (UsesDictionary && DictionaryBytes > _options.DictionaryBytes)
        {
            FlushPage();
            UsesDictionary = false;
        }
        else if (_levels.WrittenCount == MostPageRows || (UsesDictionary ? _plainBytes : Plain.WrittenCount) >= _options.PageBytes)
        {
            FlushPage();
        }
    }

    private void FlushPage()
    {
        var values = _levels.WrittenCount;
        if (values == 0)
        {
            return;
        }

        if (Field.IsOptional)
        {
            _page.GetSpan(sizeof(int));
            _page.Advance(sizeof(int));
            RunWriter.Write(_levels.WrittenSpan, 1, _page);
        }

        var levelLength = _page.WrittenCount;
        var encoding = WriteValues();
        _chunk.AddData(WithLevelLength(levelLength), values, encoding);
        _plainBytes = 0;
        _page.ResetWrittenCount();
        _levels.ResetWrittenCount();
        _indices.ResetWrittenCount();
        Plain.ResetWrittenCount();
    }

    private PageEncoding WriteValues()
    {
        var width = BitPacking.WidthOf((uint)Math.Max(0, DictionaryEntries - 1));
        if (UsesDictionary && !_hasIndexPages && DictionaryBytes + ((long)_indices.WrittenCount * width / 8) >= _plainBytes)
        {
            // Not worth it, or nothing but nulls so far.
            GiveUpDictionary();
        }
        else if (UsesDictionary)
        {
            _page.Write([(byte)width]);
            RunWriter.Write(_indices.WrittenSpan, width, _page);
            _hasIndexPages = true;
            return PageEncoding.RleDictionary;
        }

        CompletePlain();
        _page.Write(Plain.WrittenSpan);
        return PageEncoding.Plain;
    }

    // No page refers to the dictionary yet, and this one need not.
    private void GiveUpDictionary()
    {
        WriteEntries(_indices.WrittenSpan, Plain);
        UsesDictionary = _indices.WrittenCount == 0;
        _indices.ResetWrittenCount();
    }

    /// <summary>The length of the levels stands before them, and is known after.</summary>
    private ReadOnlySpan<byte> WithLevelLength(int length)
    {
        if (length > 0)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_page.WrittenSpan, length - sizeof(int));
        }

        return _page.WrittenSpan;
    }
}
