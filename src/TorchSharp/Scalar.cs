using TorchSharp.Native;

namespace TorchSharp;

/// <summary>A number on its way into a tensor operation.</summary>
public sealed class Scalar
{
    private Scalar(ValueKind kind, long payload)
    {
        Kind = kind;
        Payload = payload;
    }

    internal ValueKind Kind { get; }

    internal long Payload { get; }

    public static implicit operator Scalar(byte value) => new(ValueKind.Integer, value);

    public static implicit operator Scalar(sbyte value) => new(ValueKind.Integer, value);

    public static implicit operator Scalar(short value) => new(ValueKind.Integer, value);

    public static implicit operator Scalar(int value) => new(ValueKind.Integer, value);

    public static implicit operator Scalar(long value) => new(ValueKind.Integer, value);

    public static implicit operator Scalar(float value) => new(ValueKind.Double, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Scalar(double value) => new(ValueKind.Double, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Scalar(bool value) => new(ValueKind.Bool, value ? 1 : 0);
}
