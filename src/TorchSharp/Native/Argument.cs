namespace TorchSharp.Native;

/// <summary>An argument on its way to an operator. Lists and tensors are kept by reference until the call has returned.</summary>
internal readonly struct Argument
{
    private Argument(ValueKind kind, long payload, object? reference)
    {
        Kind = kind;
        Payload = payload;
        Reference = reference;
    }

    internal ValueKind Kind { get; }

    internal long Payload { get; }

    internal object? Reference { get; }

    internal static Argument None => default;

    public static implicit operator Argument(torch.Tensor? tensor) => tensor is null ? default : new(ValueKind.Tensor, 0, tensor);

    public static implicit operator Argument(long number) => new(ValueKind.Integer, number, null);

    public static implicit operator Argument(double number) => new(ValueKind.Double, BitConverter.DoubleToInt64Bits(number), null);

    public static implicit operator Argument(bool flag) => new(ValueKind.Bool, flag ? 1 : 0, null);

    public static implicit operator Argument(long? number) => number is { } given ? given : None;

    public static implicit operator Argument(double? number) => number is { } given ? given : None;

    public static implicit operator Argument(long[]? numbers) => numbers is null ? default : new(ValueKind.IntegerList, 0, numbers);

    public static implicit operator Argument(double[]? numbers) => numbers is null ? default : new(ValueKind.DoubleList, 0, numbers);

    public static implicit operator Argument(torch.Tensor[] tensors) => new(ValueKind.TensorList, 0, tensors);

    public static implicit operator Argument(string? text) => text is null ? default : new(ValueKind.Text, 0, text);

    public static implicit operator Argument(torch.ScalarType type) => (long)type;

    public static implicit operator Argument(torch.ScalarType? type) => type is { } given ? (long)given : None;

    public static implicit operator Argument(torch.Device? device) => device?.ToString();

    public static implicit operator Argument(torch.Generator? generator) =>
        generator is null ? default : new(ValueKind.Generator, 0, generator);

    public static implicit operator Argument(Scalar? scalar) => scalar is null ? default : new(scalar.Kind, scalar.Payload, null);

    /// <summary>A list in which a null stands for "all of this dimension".</summary>
    internal static Argument Optional(torch.Tensor?[] tensors) => new(ValueKind.OptionalTensorList, 0, tensors);
}
