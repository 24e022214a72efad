using System.Numerics;

namespace Sightline.Curation.Parquet;

/// <summary>Values of a fixed width: <c>bool</c>, <c>int</c>, <c>uint</c>, <c>long</c>, <c>ulong</c>, <c>float</c>, <c>double</c> or
/// <see cref="ParquetInt96"/>, as <see cref="ParquetType"/> says for the column's type.</summary>
public sealed class ParquetScalars<T> : ParquetValues
    where T : unmanaged
{
    private readonly T[] _values;

    internal ParquetScalars(ParquetColumn column, T[] values, int count, byte[]? levels)
        : base(column, count, levels) => _values = values;

    /// <summary>As they are stored, a row each; nulls are zeros.</summary>
    public ReadOnlySpan<T> Values => _values.AsSpan(0, Count);

    public override bool Boolean(int row) => typeof(T) == typeof(bool) ? (bool)(object)Values[row] : throw Mismatch("booleans");

    public override long Int64(int row)
    {
        if (Column.Type is not (ParquetType.Int32 or ParquetType.UInt32 or ParquetType.Int64 or ParquetType.UInt64))
        {
            throw Mismatch("whole numbers");
        }

        if (typeof(T) == typeof(ulong) && (ulong)(object)Values[row] is > long.MaxValue and var large)
        {
            throw Column.Fault($"{large} does not fit into 64 bits with a sign.");
        }

        return Whole(row);
    }

    public override double Double(int row) => Column.Type switch
    {
        ParquetType.Float => (float)(object)Values[row],
        ParquetType.Double => (double)(object)Values[row],
        ParquetType.Decimal => (double)Decimal(row),
        ParquetType.UInt64 => (ulong)(object)Values[row],
        ParquetType.Int32 or ParquetType.UInt32 or ParquetType.Int64 => Whole(row),
        _ => throw Mismatch("numbers"),
    };

    public override decimal Decimal(int row) => Column.Type switch
    {
        ParquetType.Decimal => ToDecimal(new BigInteger(Whole(row))),
        ParquetType.UInt64 => (ulong)(object)Values[row],
        _ => Int64(row),
    };

    public override DateOnly Date(int row) => Column.Type == ParquetType.Date ? ToDate((int)(object)Values[row]) : throw Mismatch("dates");

    public override TimeSpan Time(int row) => Column.Type == ParquetType.Time ? ToTime(Whole(row)) : throw Mismatch("times");

    public override DateTime Timestamp(int row)
    {
        if (typeof(T) == typeof(ParquetInt96))
        {
            var (nanos, day) = (ParquetInt96)(object)Values[row];
            return IsNull(row) ? default : ToTimestamp(((Int128)day - 2440588) * TimeSpan.TicksPerDay + nanos / 100);
        }

        return Column.Type == ParquetType.Timestamp ? ToTimestamp(Whole(row)) : throw Mismatch("timestamps");
    }

    private protected override object PresentValue(int row) => typeof(T) == typeof(float) || typeof(T) == typeof(ulong)
        ? Values[row]
        : base.PresentValue(row);

    // The compiler drops the branches of other types, and the boxes with them.
    private long Whole(int row) => typeof(T) == typeof(int) ? (int)(object)Values[row]
        : typeof(T) == typeof(uint) ? (uint)(object)Values[row]
        : typeof(T) == typeof(ulong) ? (long)(ulong)(object)Values[row]
        : (long)(object)Values[row];
}
