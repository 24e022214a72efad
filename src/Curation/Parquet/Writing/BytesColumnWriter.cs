using System.Buffers;
using System.Buffers.Binary;

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

    // The first eight bytes of both: what lies between is neither, which most values are.
    private ulong _leastStart;
    private ulong _mostStart;

    internal BytesColumnWriter(ParquetField field, PageCompressor compressor, ParquetWriteOptions options)
        : base(field, compressor, options) => UsesDictionary = true;

    public override void Dispose()
    {
        _dictionary.Dispose();
        base.Dispose();
    }

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
        var start = StartOf(value);
        if (_least is not null && start > _leastStart && start < _mostStart)
        {
            return;
        }

        if (_least is null || value.SequenceCompareTo(_least) < 0)
        {
            (_least, _leastStart) = (value.ToArray(), start);
        }

        if (_most is null || value.SequenceCompareTo(_most) > 0)
        {
            (_most, _mostStart) = (value.ToArray(), start);
        }
    }

    // In the order of the bytes; zeros follow where there are fewer.
    private static ulong StartOf(ReadOnlySpan<byte> value)
    {
        if (value.Length >= sizeof(ulong))
        {
            return BinaryPrimitives.ReadUInt64BigEndian(value);
        }

        ulong start = 0;
        for (var i = 0; i < value.Length; i++)
        {
            start |= (ulong)value[i] << (56 - (8 * i));
        }

        return start;
    }
}
