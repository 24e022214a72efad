using System.Numerics.Tensors;

namespace Sightline.Training.Probe;

/// <summary>A smooth function and its gradient.</summary>
/// <param name="gradient">As long as the point; written whole.</param>
/// <returns>The value at the point.</returns>
internal delegate double SmoothFunction(ReadOnlySpan<double> point, Span<double> gradient);

/// <param name="Gradient">Largest absolute component of the gradient at the point.</param>
/// <param name="Converged">The gradient is below the tolerance, or float64 tells no lower value along the last direction; false: the
/// iterations were used up.</param>
internal sealed record Minimum(double[] Point, double Value, double Gradient, int Iterations, bool Converged);

/// <summary>
/// Limited-memory BFGS (Liu and Nocedal 1989; Nocedal and Wright, Numerical Optimization, algorithms 7.4 and 7.5) with the bracketing
/// search of Lewis and Overton (2013, algorithm 2.6), whose steps meet the weak Wolfe conditions: enough descent, and a curvature that
/// keeps the approximation positive.
/// </summary>
internal static class Lbfgs
{
    private const int Memory = 10;
    private const double Descent = 1e-4;
    private const double Curvature = 0.9;
    private const int MostTrials = 50;

    /// <param name="start">Not changed.</param>
    /// <param name="tolerance">Largest absolute component of the gradient at which the search ends.</param>
    internal static Minimum Minimize(
        SmoothFunction function, ReadOnlySpan<double> start, int maxIterations, double tolerance, CancellationToken cancellationToken)
    {
        var point = start.ToArray();
        var gradient = new double[point.Length];
        var value = function(point, gradient);
        var pairs = new List<Pair>(Memory + 1);
        for (var iteration = 0; iteration < maxIterations; iteration++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Largest(gradient) <= tolerance)
            {
                return new Minimum(point, value, Largest(gradient), iteration, true);
            }

            var direction = Direction(gradient, pairs);
            var first = pairs.Count > 0 ? 1 : 1 / Math.Max(1, TensorPrimitives.Norm<double>(gradient));
            if (Search(function, point, value, gradient, direction, first) is not { } next)
            {
                return new Minimum(point, value, Largest(gradient), iteration, true);
            }

            pairs.Add(Pair.Between(point, gradient, next.Point, next.Gradient));
            if (pairs.Count > Memory)
            {
                pairs.RemoveAt(0);
            }

            (point, value, gradient) = next;
        }

        return new Minimum(point, value, Largest(gradient), maxIterations, Largest(gradient) <= tolerance);
    }

    private static double Largest(double[] gradient) => Math.Abs(TensorPrimitives.MaxMagnitude<double>(gradient));

    // Minus the approximate inverse Hessian times the gradient: the two loops of algorithm 7.4.
    private static double[] Direction(double[] gradient, List<Pair> pairs)
    {
        var direction = new double[gradient.Length];
        TensorPrimitives.Negate<double>(gradient, direction);
        var shares = new double[pairs.Count];
        for (var i = pairs.Count - 1; i >= 0; i--)
        {
            shares[i] = TensorPrimitives.Dot<double>(pairs[i].Step, direction) / pairs[i].Product;
            TensorPrimitives.MultiplyAdd(pairs[i].Change, -shares[i], direction, direction);
        }

        if (pairs.Count > 0)
        {
            TensorPrimitives.Multiply(direction, pairs[^1].Product / TensorPrimitives.SumOfSquares<double>(pairs[^1].Change), direction);
        }

        for (var i = 0; i < pairs.Count; i++)
        {
            var back = TensorPrimitives.Dot<double>(pairs[i].Change, direction) / pairs[i].Product;
            TensorPrimitives.MultiplyAdd(pairs[i].Step, shares[i] - back, direction, direction);
        }

        return direction;
    }

    // Null where no step along the direction lowers the value any more: rounding has the last word.
    private static (double[] Point, double Value, double[] Gradient)? Search(
        SmoothFunction function, double[] point, double value, double[] gradient, double[] direction, double step)
    {
        var slope = TensorPrimitives.Dot<double>(gradient, direction);
        var (low, high) = (0.0, double.PositiveInfinity);
        for (var trial = 0; trial < MostTrials; trial++)
        {
            var moved = new double[point.Length];
            TensorPrimitives.MultiplyAdd(direction, step, point, moved);
            var movedGradient = new double[point.Length];
            var movedValue = function(moved, movedGradient);

            // A value that is no number lies beyond what can be computed: nearer.
            if (!(movedValue <= value + Descent * step * slope))
            {
                high = step;
            }
            else if (TensorPrimitives.Dot<double>(movedGradient, direction) < Curvature * slope)
            {
                low = step;
            }
            else
            {
                return (moved, movedValue, movedGradient);
            }

            step = double.IsPositiveInfinity(high) ? 2 * low : (low + high) / 2;
        }

        return null;
    }

    // What one iteration teaches of the curvature. The Wolfe conditions make the product positive.
    private sealed record Pair(double[] Step, double[] Change, double Product)
    {
        internal static Pair Between(double[] point, double[] gradient, double[] nextPoint, double[] nextGradient)
        {
            var (step, change) = (new double[point.Length], new double[point.Length]);
            TensorPrimitives.Subtract<double>(nextPoint, point, step);
            TensorPrimitives.Subtract<double>(nextGradient, gradient, change);
            return new Pair(step, change, TensorPrimitives.Dot<double>(step, change));
        }
    }
}
