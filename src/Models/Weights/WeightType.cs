namespace Sightline.Models.Weights;

/// <summary>How a stored number is written.</summary>
public enum WeightType
{
    Bool,
    UInt8,
    Int8,
    Int16,
    Int32,
    Int64,
    Float16,
    BFloat16,
    Float32,
    Float64,

    /// <summary>A type that is recognised by its size but not read (complex, 8-bit floats, ...).</summary>
    Other,
}

internal static class WeightTypes
{
    /// <summary>Bytes of one number; 0 for <see cref="WeightType.Other"/>.</summary>
    internal static int Size(this WeightType type) => type switch
    {
        WeightType.Bool or WeightType.UInt8 or WeightType.Int8 => 1,
        WeightType.Int16 or WeightType.Float16 or WeightType.BFloat16 => 2,
        WeightType.Int32 or WeightType.Float32 => 4,
        WeightType.Int64 or WeightType.Float64 => 8,
        _ => 0,
    };
}
