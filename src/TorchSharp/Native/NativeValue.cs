using System.Runtime.InteropServices;

namespace TorchSharp.Native;

/// <summary>An argument or a result of an operator; struct Value of native/torch.cpp.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeValue
{
    internal ValueKind Kind;
    internal int Count;
    internal long Payload;
}

internal enum ValueKind
{
    None = 0,
    Tensor = 1,
    Integer = 2,
    Double = 3,
    Bool = 4,
    IntegerList = 5,
    DoubleList = 6,
    TensorList = 7,
    OptionalTensorList = 8,
    Text = 9,
    Generator = 10,
}
