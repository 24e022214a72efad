using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sightline.Curation.Parquet;

/// <summary>Writes numbers of four or eight bytes.</summary>
internal sealed class NumberColumnWriter<T> : ColumnWriter
    where T : unmanaged, INumber<T>
{
    // By their bits: 0 and -0 are equal, and no NaN equals another.
    private readonly Dictionary<long, int> _indices = [];
    private readonly List<T> _entries = [];
    private T _least;
    private T _most;
    private bool _hasRange;

    internal NumberColumnWriter(ParquetField field, PageCompressor compressor, ParquetWriteOptions options)
        : base(field, compressor, options) => UsesDictionary = true;

    private protected override int DictionaryEntries => _entries.Count;

    private protected override int DictionaryBytes => _entries.Count * Unsafe.SizeOf<T>();

    private static bool IsWhole => typeof(T) == typeof(int) || typeof(T) == typeof(long);

    internal override void Add(long value)
    {
        if (!IsWhole)
        {
            throw Mismatch("a whole number");
        }

        if (typeof(T) == typeof(int) && value != (int)value)
        {
            throw new ArgumentOutOfRangeException(nameof(value), string.Create(
                CultureInfo.InvariantCulture, $"Column {Field.Name} holds {Field.Type}, and was given {value}."));
        }

        AddNumber(T.CreateTruncating(value));
    }

    internal override void Add(double value) => AddNumber(IsWhole ? throw Mismatch("a number with a fraction") : T.CreateTruncating(value));

    private protected override void WriteEntries(ReadOnlySpan<int> indices, IBufferWriter<byte> into)
    {
        var bytes = indices.Length * Unsafe.SizeOf<T>();
        var numbers = MemoryMarshal.Cast<byte, T>(into.GetSpan(bytes)[..bytes]);
        for (var i = 0; i < indices.Length; i++)
        {
            numbers[i] = _entries[indices[i]];
        }

        into.Advance(bytes);
    }

    private protected override void WriteDictionary(IBufferWriter<byte> into) =>
        into.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_entries)));

    private protected override void ClearDictionary()
    {
        _indices.Clear();
        _entries.Clear();
        UsesDictionary = true;
    }

    private protected override (byte[]? Least, byte[]? Most) TakeRange()
    {
        if (!_hasRange)
        {
            return (null, null);
        }

        _hasRange = false;

        // 0 and -0 are equal here, but not to every reader: the outermost of the two is written (parquet.thrift, ColumnOrder).
        var least = _least == T.Zero ? -T.Zero : _least;
        var most = _most == T.Zero ? T.Zero : _most;
        return (MemoryMarshal.AsBytes([least]).ToArray(), MemoryMarshal.AsBytes([most]).ToArray());
    }

    private void AddNumber(T value)
    {
        if (!UsesDictionary)
        {
            Widen(value);
            MemoryMarshal.Write(Plain.GetSpan(Unsafe.SizeOf<T>()), value);
            Plain.Advance(Unsafe.SizeOf<T>());
            EndPlain();
            return;
        }

        var bits = Unsafe.SizeOf<T>() == sizeof(int) ? Unsafe.BitCast<T, int>(value) : Unsafe.BitCast<T, long>(value);
        ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(_indices, bits, out var isKnown);
        if (!isKnown)
        {
            index = _entries.Count;
            _entries.Add(value);
            Widen(value);
        }

        AddIndex(index, Unsafe.SizeOf<T>());
    }

    private void Widen(T value)
    {
        if (T.IsNaN(value))
        {
            // NaN has no place in the order.
            return;
        }

        (_least, _most) = _hasRange ? (T.Min(_least, value), T.Max(_most, value)) : (value, value);
        _hasRange = true;
    }
}
