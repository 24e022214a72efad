using System.Runtime.InteropServices;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Sightline.Training.Probe;

/// <summary>
/// Multinomial logistic regression with an L2 penalty, as CLIP's linear probes are fitted (arXiv 2103.00020, appendix A.3: L-BFGS, at most
/// 1000 iterations). The fit lowers <c>sum_n -log softmax(W x_n + b)[y_n] + strength / 2 |W|^2</c>; the bias has no penalty. scikit-learn's C
/// is one over the strength. Computed in float64. Holds the examples on the device: dispose it. For one thread.
/// </summary>
internal sealed class LogisticRegression : IDisposable
{
    internal const int MostIterations = 1000;

    // Of the gradient of the mean over the examples.
    private const double Tolerance = 1e-6;

    // Numbers of one block of logits: bounds what a step holds on the device.
    private const int BlockSize = 1 << 24;

    // [N, E], float64, less their mean: the bias takes that up without a penalty, and what is left is far better conditioned (embeddings lie in
    // a narrow cone).
    private readonly Tensor _features;
    private readonly double[] _mean;
    private readonly Tensor _targets; // [N], int64
    private readonly int _classes;
    private readonly int _dimensions;

    /// <exception cref="ArgumentException">There are no examples, or fewer than two classes.</exception>
    internal LogisticRegression(FeatureSet examples, Device device)
    {
        if (examples.Count == 0 || examples.Classes < 2)
        {
            throw new ArgumentException($"A probe needs examples of two classes at least, not {examples.Count} of {examples.Classes}.");
        }

        using var scope = NewDisposeScope();
        (_classes, _dimensions) = (examples.Classes, examples.Dimensions);
        var features = tensor(examples.Features, [examples.Count, _dimensions]).to(ScalarType.Float64, device);
        var mean = features.mean([0]);
        _mean = MemoryMarshal.Cast<byte, double>(mean.cpu().contiguous().bytes).ToArray();
        _features = (features - mean).DetachFromDisposeScope();
        _targets = tensor(Array.ConvertAll(examples.Labels, l => (long)l)).to(device).DetachFromDisposeScope();
    }

    public void Dispose()
    {
        _features.Dispose();
        _targets.Dispose();
    }

    /// <summary>Fits from zero.</summary>
    /// <param name="strength">Of the penalty, above 0.</param>
    internal (LinearProbe Probe, Minimum Minimum) Fit(double strength, CancellationToken cancellationToken)
    {
        var minimum = Lbfgs.Minimize(
            (point, gradient) => Evaluate(point, gradient, strength), new double[_classes * (_dimensions + 1)], MostIterations, Tolerance,
            cancellationToken);
        var weights = minimum.Point.AsSpan(0, _classes * _dimensions);
        var bias = minimum.Point[weights.Length..];
        for (var k = 0; k < _classes; k++)
        {
            bias[k] -= TensorPrimitives.Dot<double>(weights.Slice(k * _dimensions, _dimensions), _mean);
        }

        return (new LinearProbe(ToSingle(weights), ToSingle(bias), _classes, _dimensions), minimum);
    }

    /// <summary>The objective over the number of examples, and its gradient.</summary>
    /// <param name="point">W, [K, E] row by row, then the bias of features less their mean, [K].</param>
    internal double Evaluate(ReadOnlySpan<double> point, Span<double> gradient, double strength)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var count = _features.size(0);
        var size = _classes * _dimensions;
        var weights = tensor(point[..size].ToArray(), [_classes, _dimensions]).to(_features.device);
        var bias = tensor(point[size..].ToArray(), [_classes]).to(_features.device);
        var loss = (weights * weights).sum().ToDouble() * strength / 2;
        var ofWeights = weights * strength;
        var ofBias = zeros([_classes], ScalarType.Float64, _features.device);
        var block = Math.Max(1, BlockSize / Math.Max(_classes, _dimensions));
        for (long at = 0; at < count; at += block)
        {
            using var inner = NewDisposeScope();
            var x = _features.narrow(0, at, Math.Min(block, count - at)); // [n, E]
            var y = nn.functional.one_hot(_targets.narrow(0, at, x.size(0)), _classes).to(ScalarType.Float64); // [n, K]
            var log = nn.functional.log_softmax(x.matmul(weights.t()) + bias, 1);
            var error = log.exp() - y;
            loss -= (log * y).sum().ToDouble();
            ofWeights.add_(error.t().matmul(x));
            ofBias.add_(error.sum([0]));
        }

        Copy(ofWeights, gradient[..size], count);
        Copy(ofBias, gradient[size..], count);
        return loss / count;
    }

    private static void Copy(Tensor from, Span<double> to, long count)
    {
        MemoryMarshal.Cast<byte, double>(from.cpu().contiguous().bytes).CopyTo(to);
        TensorPrimitives.Divide(to, (double)count, to);
    }

    private static float[] ToSingle(ReadOnlySpan<double> numbers)
    {
        var result = new float[numbers.Length];
        TensorPrimitives.ConvertTruncating(numbers, result);
        return result;
    }
}
