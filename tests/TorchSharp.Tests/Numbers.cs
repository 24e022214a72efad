using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Tests;

/// <summary>The numbers of a tensor, of any type and on any device, row by row.</summary>
internal static class Numbers
{
    internal static double[] Of(torch.Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var packed = tensor.to(ScalarType.Float64, CPU).contiguous();
        return MemoryMarshal.Cast<byte, double>(packed.bytes).ToArray();
    }

    /// <summary>Every number is within 1e-6 relative, or absolute below one: float32 holds seven digits.</summary>
    internal static void AssertClose(double[] expected, torch.Tensor actual, double tolerance = 1e-6)
    {
        var numbers = Of(actual);
        Assert.Equal(expected.Length, numbers.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var allowed = tolerance * Math.Max(1, Math.Abs(expected[i]));
            Assert.True(Math.Abs(expected[i] - numbers[i]) <= allowed, $"element {i} is {numbers[i]}, not {expected[i]}");
        }
    }
}
