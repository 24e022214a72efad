using System.Runtime.InteropServices;
using Sightline.Models.Generation;
using Sightline.Models.Weights;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models.Tests.Generation;

/// <summary>Numbers in and out of tensors and checkpoints, for the tests of this folder.</summary>
internal static class Tensors
{
    /// <summary>Agreement asked of two implementations in float32, relative to the largest expected number.</summary>
    internal const double Tolerance = 1e-4;

    /// <summary>Uniform in [0, 1), the same every time.</summary>
    internal static Tensor Uniform(params long[] shape)
    {
        using var generator = new Generator(17);
        return rand(shape, generator: generator);
    }

    /// <summary>Whole numbers from 0, the same every time.</summary>
    internal static Tensor Codes(int vocabulary, params long[] shape)
    {
        using var generator = new Generator(18);
        return randint(0, vocabulary, shape, generator: generator);
    }

    internal static double[] Numbers(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, double>(tensor.detach().to(ScalarType.Float64, CPU).contiguous().bytes).ToArray();
    }

    internal static long[] Integers(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, long>(tensor.to(ScalarType.Int64, CPU).contiguous().bytes).ToArray();
    }

    /// <summary>Largest absolute difference over the largest absolute expected number.</summary>
    internal static double Difference(IReadOnlyList<double> expected, IReadOnlyList<double> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        double largest = 0, difference = 0;
        for (var i = 0; i < expected.Count; i++)
        {
            largest = Math.Max(largest, Math.Abs(expected[i]));
            var apart = Math.Abs(expected[i] - actual[i]);
            difference = double.IsNaN(apart) ? double.PositiveInfinity : Math.Max(difference, apart);
        }

        return difference == 0 ? 0 : difference / largest;
    }

    internal static void AssertAgree(Tensor expected, Tensor actual, double tolerance = Tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.InRange(Difference(Numbers(expected), Numbers(actual)), 0, tolerance);
    }

    internal static Tensor Stored(Checkpoint checkpoint, string name)
    {
        var stored = checkpoint.Tensors[name];
        return stored.Type == WeightType.Int64
            ? tensor(stored.ReadIntegers(), stored.Shape)
            : tensor(stored.ReadFloats(), stored.Shape);
    }

    /// <summary>A module's tensors as a checkpoint, after a change.</summary>
    internal static void Write(string path, Dictionary<string, Tensor> tensors, Func<string, string>? rename = null) =>
        SafetensorsWriter.Write(path, [.. tensors.Select(t => new TensorToWrite(
            rename?.Invoke(t.Key) ?? t.Key, WeightType.Float32, t.Value.shape,
            MemoryMarshal.AsBytes<float>([.. Numbers(t.Value).Select(n => (float)n)]).ToArray()))]);

    /// <summary>
    /// The gradients that backward leaves in float64 parameters against central differences. A parameter of more than
    /// <paramref name="most"/> numbers is probed at that many, evenly spaced.
    /// </summary>
    internal static void AssertGradients(IReadOnlyList<(string Name, Parameter Parameter)> parameters, Func<Tensor> loss, int most = 12)
    {
        // Central differences err by the square of the step and by rounding, 1e-16 / 1e-6: 1e-6 leaves a margin of a thousand.
        const double step = 1e-6;
        foreach (var (_, parameter) in parameters)
        {
            parameter.requires_grad_();
        }

        using (var total = loss())
        {
            total.backward();
        }

        using var guard = no_grad();
        var probed = 0;
        foreach (var (name, parameter) in parameters)
        {
            using var gradient = parameter.grad;
            Assert.True(gradient is not null, $"{name} has no gradient");
            var expected = Numbers(gradient);
            var stride = Math.Max(1, expected.Length / most);
            for (var i = 0; i < expected.Length; i += stride)
            {
                var difference = (Moved(parameter, i, step) - Moved(parameter, i, -step)) / (2 * step);
                var allowed = 1e-6 * Math.Max(1, Math.Abs(difference));
                Assert.True(Math.Abs(difference - expected[i]) <= allowed, $"{name}[{i}]: {expected[i]} instead of {difference}");
                probed++;
            }
        }

        Assert.True(probed > parameters.Count);

        double Moved(Tensor parameter, int at, double by)
        {
            using var scope = NewDisposeScope();
            var numbers = MemoryMarshal.Cast<byte, double>(parameter.bytes);
            var kept = numbers[at];
            numbers[at] += by;
            var result = loss().ToDouble();
            numbers[at] = kept;
            return result;
        }
    }

    /// <summary>
    /// Pearson's statistic of counts against expected ones, and the value it exceeds once in 10,000 times when they are true (Wilson and
    /// Hilferty's approximation; 3.72 is that quantile of a normal number).
    /// </summary>
    internal static (double Statistic, double Limit) ChiSquare(IReadOnlyList<long> counts, IReadOnlyList<double> probabilities)
    {
        var draws = counts.Sum();
        var statistic = counts.Zip(probabilities, (count, p) => (count - p * draws) * (count - p * draws) / (p * draws)).Sum();
        double freedom = counts.Count - 1;
        return (statistic, freedom * Math.Pow(1 - 2 / (9 * freedom) + 3.72 * Math.Sqrt(2 / (9 * freedom)), 3));
    }
}
