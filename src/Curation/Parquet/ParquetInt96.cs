using System.Runtime.InteropServices;

namespace Sightline.Curation.Parquet;

/// <summary>The timestamp of older writers (Hive, Impala, Spark before 3): nanoseconds of a Julian day.</summary>
/// <param name="NanosOfDay">Since midnight.</param>
/// <param name="JulianDay">2440588 is 1970-01-01.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct ParquetInt96(ulong NanosOfDay, int JulianDay);
