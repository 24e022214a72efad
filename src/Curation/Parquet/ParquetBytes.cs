using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;
using System.Text;

namespace Sightline.Curation.Parquet;

/// <summary>Values of some bytes each: text, JSON, decimals, or bytes of no further meaning. They are not copied until asked for as
/// text.</summary>
public sealed class ParquetBytes : ParquetValues
{
    private readonly ByteView[] _values;
    private readonly byte[][] _buffers;

    internal ParquetBytes(ParquetColumn column, ByteView[] values, int count, byte[]? levels, byte[][] buffers)
        : base(column, count, levels) => (_values, _buffers) = (values, buffers);

    /// <summary>Of all rows together.</summary>
    internal long Length
    {
        get
        {
            var length = 0L;
            foreach (var value in _values.AsSpan(0, Count))
            {
                length += value.Length;
            }

            return length;
        }
    }

    /// <summary>The bytes of a row, empty for a null.</summary>
    public ReadOnlySpan<byte> Span(int row)
    {
        Debug.Assert(row < Count, "The array may be longer than the batch.");
        var value = _values[row];
        return _buffers[value.Buffer].AsSpan(value.Start, value.Length);
    }

    public override ReadOnlyMemory<byte> Bytes(int row) => _buffers[_values[row].Buffer].AsMemory(_values[row].Start, _values[row].Length);

    public override string Text(int row) => Column.Type is ParquetType.Text or ParquetType.Json or ParquetType.Bytes
        ? Encoding.UTF8.GetString(Span(row))
        : throw Mismatch("text");

    public override double Double(int row) => Column.Type switch
    {
        ParquetType.Half => IsNull(row) ? 0 : (double)BinaryPrimitives.ReadHalfLittleEndian(Span(row)),
        ParquetType.Decimal => (double)Decimal(row),
        _ => throw Mismatch("numbers"),
    };

    /// <remarks>Stored as a two's complement, the highest byte first (LogicalTypes.md, DECIMAL).</remarks>
    public override decimal Decimal(int row) => Column.Type == ParquetType.Decimal
        ? ToDecimal(new BigInteger(Span(row), isBigEndian: true))
        : throw Mismatch("decimals");
}
