using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training.Tests.Clip;

/// <summary>Numbers of tensors, and gradients against central differences.</summary>
internal static class Gradients
{
    // Central differences err by the square of the step and by rounding, 1e-16 / 1e-6: the tolerance leaves a margin.
    private const double Step = 1e-6;
    private const double Tolerance = 2e-6;

    internal static double[] Numbers(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, double>(tensor.detach().to(ScalarType.Float64, CPU).contiguous().bytes).ToArray();
    }

    internal static double Difference(Tensor a, Tensor b)
    {
        var (left, right) = (Numbers(a), Numbers(b));
        Assert.Equal(left.Length, right.Length);
        return left.Zip(right, (x, y) => Math.Abs(x - y)).Max() / Math.Max(1e-12, left.Max(Math.Abs));
    }

    /// <summary>The gradients that are there against differences of the loss, at a few places of each parameter.</summary>
    internal static void AssertAreOf(IEnumerable<(string Name, Parameter Parameter)> parameters, Func<double> loss, int most = 4)
    {
        // The loss may run backward itself and leave other gradients.
        var all = parameters.Select(p => (p.Name, p.Parameter, Gradient: NumbersOfGradient(p.Name, p.Parameter))).ToList();
        using var guard = no_grad();
        foreach (var (name, parameter, found) in all)
        {
            var stride = Math.Max(1, found.Length / most);
            for (var i = 0; i < found.Length; i += stride)
            {
                var expected = (Moved(parameter, i, Step) - Moved(parameter, i, -Step)) / (2 * Step);
                var isNear = Math.Abs(expected - found[i]) <= Tolerance * Math.Max(1, Math.Abs(expected));
                Assert.True(isNear, $"{name}[{i}]: {found[i]} instead of {expected}");
            }
        }

        static double[] NumbersOfGradient(string name, Tensor parameter)
        {
            using var gradient = parameter.grad;
            Assert.True(gradient is not null, $"{name} has no gradient");
            return Numbers(gradient);
        }

        double Moved(Tensor parameter, int at, double by)
        {
            var numbers = MemoryMarshal.Cast<byte, double>(parameter.bytes);
            var kept = numbers[at];
            numbers[at] += by;
            var result = loss();
            numbers[at] = kept;
            return result;
        }
    }
}
