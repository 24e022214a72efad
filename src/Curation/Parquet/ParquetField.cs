namespace Sightline.Curation.Parquet;

/// <summary>A column to be written.</summary>
/// <param name="Name">Not empty, and unlike those of the other columns.</param>
/// <param name="Type">Boolean, Int32, Int64, Float, Double, Text, Json, Bytes, or Timestamp: UTC, in microseconds.</param>
/// <param name="IsOptional">Whether a row may be null.</param>
public sealed record ParquetField(string Name, ParquetType Type, bool IsOptional = true);
