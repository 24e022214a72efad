using System.Buffers;

namespace Sightline.Curation.Parquet;

/// <summary>Writes byte arrays: text, JSON, or what they are.</summary>
internal sealed class BytesColumnWriter : ColumnWriter
{
    /// <summary>What readers take of one value, in bytes; ours among them.</summary>
    private const int LongestValue = 128 << 20;

    /// <summary>Statistics of longer values would bloat the footer; there are none then.</summary>
    private const int LongestStatistic = 1024;

    private readonly BytesDictionary _dictionary = new();
    private byte[]? _least;
    private byte[]? _most;

    internal BytesColumnWriter(ParquetField field, PageCompressor compressor, ParquetWriteOptions options)
        : base(field, compressor, options) => UsesDictionary = true;

    private protected override int DictionaryEntries => _dictionary.Count;

    private protected override int DictionaryBytes => _dictionary.Bytes;

    internal override void Add(ReadOnlySpan<byte> value)
    {
        if (value.Length > LongestValue)
        {
            throw new ArgumentOutOfRangeException(
                nameof(value), $"Column {Field.Name}: {value.Length} bytes; {LongestValue} is the limit.");
        }

        if (!UsesDictionary)
        {
            Widen(value);
            BytesDictionary.Write(value, Plain);
            EndPlain();
            return;
        }

        var index = _dictionary.IndexOf(value, out var isKnown);
        if (!isKnown)
        {
            Widen(value);
        }

        AddIndex(index, sizeof(int) + value.Length);
    }

    private protected override void WriteEntries(ReadOnlySpan<int> indices, IBufferWriter<byte> into)
    {
        foreach (var index in indices)
        {
            BytesDictionary.Write(_dictionary[index], into);
        }
    }

    private protected override void WriteDictionary(IBufferWriter<byte> into) => into.Write(_dictionary.Written);

    private protected override void ClearDictionary()
    {
        _dictionary.Clear();
        UsesDictionary = true;
    }

    private protected override (byte[]? Least, byte[]? Most) TakeRange()
    {
        var range = _least?.Length <= LongestStatistic && _most?.Length <= LongestStatistic ? (_least, _most) : (null, null);
        (_least, _most) = (null, null);
        return range;
    }

    /// <summary>Byte by byte, without a sign: so UTF-8 is in the order of its code points.</summary>
    private void Widen(ReadOnlySpan<byte> value)
    {
        if (_least is null || value.SequenceCompareTo(_least) < 0)
        {
            _least = value.ToArray();
        }

        if (_most is null || value.SequenceCompareTo(_most) > 0)
        {
            _most = value.ToArray();
        }
    }
}
