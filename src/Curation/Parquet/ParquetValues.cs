using System.Diagnostics;
using System.Numerics;

namespace Sightline.Curation.Parquet;

/// <summary>
/// The values of one column in a batch. They belong to the batch alone and do not change; any number of threads may read them. The methods
/// by type give one row's value; of a null they give what zero or no bytes mean: ask <see cref="IsNull"/> first.
/// </summary>
/// <exception cref="ParquetException">Thrown by the methods by type: the column does not hold that type, or a value does not
/// fit.</exception>
public abstract class ParquetValues
{
    /// <summary>Ticks are .NET's 100 ns.</summary>
    private const long NanosPerTick = 100;

    private readonly byte[]? _levels;

    private protected ParquetValues(ParquetColumn column, int count, byte[]? levels)
    {
        (Column, Count, _levels) = (column, count, levels);
        Debug.Assert(levels is null || levels.Length >= count, "Each value has a level.");
    }

    public ParquetColumn Column { get; }

    public int Count { get; }

    public virtual bool HasNulls => _levels is not null;

    public virtual bool IsNull(int row) => _levels is not null && _levels[row] != Column.MaxDefinition;

    public virtual bool Boolean(int row) => throw Mismatch("booleans");

    /// <summary>Whole numbers of every width.</summary>
    public virtual long Int64(int row) => throw Mismatch("whole numbers");

    /// <summary>Numbers of every kind, decimals too; long ones are rounded.</summary>
    public virtual double Double(int row) => throw Mismatch("numbers");

    /// <summary>Decimals and whole numbers.</summary>
    public virtual decimal Decimal(int row) => throw Mismatch("decimals");

    public virtual DateOnly Date(int row) => throw Mismatch("dates");

    /// <summary>Since midnight; nanoseconds are cut to ticks of 100.</summary>
    public virtual TimeSpan Time(int row) => throw Mismatch("times");

    /// <summary>Of the kind UTC where <see cref="ParquetColumn.IsUtc"/>, else unspecified; nanoseconds are cut to ticks of 100.</summary>
    public virtual DateTime Timestamp(int row) => throw Mismatch("timestamps");

    /// <summary>Text as its UTF-8, other bytes as they are.</summary>
    public virtual ReadOnlyMemory<byte> Bytes(int row) => throw Mismatch("bytes");

    /// <summary>Text, and bytes that are read as if they were; what is not UTF-8 becomes U+FFFD.</summary>
    public virtual string Text(int row) => throw Mismatch("text");

    /// <summary>
    /// The value in the type that fits it best (an array for a list), or null: for showing it, and for what is not done a million times.
    /// </summary>
    public object? Value(int row) => IsNull(row) ? null : PresentValue(row);

    private protected virtual object PresentValue(int row) => Column.Type switch
    {
        ParquetType.Boolean => Boolean(row),
        ParquetType.Half or ParquetType.Double => Double(row),
        ParquetType.Decimal => Decimal(row),
        ParquetType.Date => Date(row),
        ParquetType.Time => Time(row),
        ParquetType.Timestamp => Timestamp(row),
        ParquetType.Text or ParquetType.Json => Text(row),
        ParquetType.Uuid => new Guid(Bytes(row).Span, bigEndian: true),
        ParquetType.Bytes => Bytes(row).ToArray(),
        _ => Int64(row),
    };

    private protected DateTime ToTimestamp(long sinceEpoch) => ToTimestamp(Ticks(sinceEpoch));

    private protected DateTime ToTimestamp(Int128 ticksSinceEpoch)
    {
        var ticks = ticksSinceEpoch + DateTime.UnixEpoch.Ticks;
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks
            ? new DateTime((long)ticks, Column.IsUtc ? DateTimeKind.Utc : DateTimeKind.Unspecified)
            : throw Column.Fault($"a timestamp {ticksSinceEpoch / TimeSpan.TicksPerSecond} s from 1970 is out of the calendar.");
    }

    private protected TimeSpan ToTime(long sinceMidnight)
    {
        var ticks = Ticks(sinceMidnight);
        return ticks >= 0 && ticks <= TimeSpan.TicksPerDay
            ? new TimeSpan((long)ticks)
            : throw Column.Fault($"a time {ticks / TimeSpan.TicksPerSecond} s from midnight is not within a day.");
    }

    private protected DateOnly ToDate(int sinceEpoch)
    {
        var day = (long)sinceEpoch + DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
        return day >= 0 && day <= DateOnly.MaxValue.DayNumber
            ? DateOnly.FromDayNumber((int)day)
            : throw Column.Fault($"a date {sinceEpoch} days from 1970 is out of the calendar.");
    }

    private protected decimal ToDecimal(BigInteger unscaled)
    {
        var magnitude = BigInteger.Abs(unscaled);
        return magnitude >> 96 == 0
            ? new decimal(Part(0), Part(32), Part(64), unscaled.Sign < 0, (byte)Column.Scale)
            : throw Column.Fault($"a decimal of {unscaled} behind a scale of {Column.Scale} has more than 96 bits.");

        int Part(int bit) => (int)(uint)(magnitude >> bit & uint.MaxValue);
    }

    private protected ParquetException Mismatch(string asked) =>
        Column.Fault($"it holds {(Column.IsList ? "lists of " : "")}{Column.Type}, and was asked for {asked}.");

    private Int128 Ticks(long units) => Column.Unit switch
    {
        TimeUnit.Micros => (Int128)units * TimeSpan.TicksPerMicrosecond,
        TimeUnit.Nanos => (Int128)units / NanosPerTick - (units % NanosPerTick < 0 ? 1 : 0),
        _ => (Int128)units * TimeSpan.TicksPerMillisecond,
    };
}
