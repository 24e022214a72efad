namespace Sightline.Curation.Parquet;

/// <summary>
/// What the values of a column are (LogicalTypes.md of the Parquet format). Each is held by <see cref="ParquetScalars{T}"/> of the type
/// said here, or by <see cref="ParquetBytes"/>.
/// </summary>
public enum ParquetType
{
    /// <summary><c>bool</c>.</summary>
    Boolean,

    /// <summary><c>int</c>; whole numbers of 8 and 16 bits, with a sign or without, too.</summary>
    Int32,

    /// <summary><c>uint</c>.</summary>
    UInt32,

    /// <summary><c>long</c>.</summary>
    Int64,

    /// <summary><c>ulong</c>.</summary>
    UInt64,

    /// <summary>Bytes: two, a half-precision number.</summary>
    Half,

    /// <summary><c>float</c>.</summary>
    Float,

    /// <summary><c>double</c>.</summary>
    Double,

    /// <summary><c>int</c> or <c>long</c>, or bytes, of a whole number that is scaled by a power of ten.</summary>
    Decimal,

    /// <summary><c>int</c>: days since 1970-01-01.</summary>
    Date,

    /// <summary><c>int</c> or <c>long</c>: milli-, micro- or nanoseconds since midnight.</summary>
    Time,

    /// <summary><c>long</c>: milli-, micro- or nanoseconds since 1970-01-01; or <see cref="ParquetInt96"/>.</summary>
    Timestamp,

    /// <summary>Bytes: UTF-8.</summary>
    Text,

    /// <summary>Bytes: JSON in UTF-8.</summary>
    Json,

    /// <summary>Bytes: sixteen, in the order that a UUID is written.</summary>
    Uuid,

    /// <summary>Bytes of which the file says no more; some writers store text so.</summary>
    Bytes,
}
