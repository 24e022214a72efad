using Sightline.Training.Probe;

namespace Sightline.Training.Tests.Probe;

public sealed class LbfgsTests
{
    [Fact]
    public void It_finds_the_end_of_Rosenbrocks_valley()
    {
        var minimum = Lbfgs.Minimize(Rosenbrock, [-1.2, 1], 1000, 1e-10, CancellationToken.None);

        Assert.True(minimum.Converged);
        Assert.InRange(minimum.Iterations, 5, 100);
        Assert.All(minimum.Point, x => Assert.Equal(1, x, 8));
    }

    [Fact]
    public void A_badly_scaled_bowl_is_no_trouble()
    {
        // Widths from 1 to 1e4: its lowest point is (1, 2, ..., 9).
        var minimum = Lbfgs.Minimize(
            (x, g) =>
            {
                var sum = 0.0;
                for (var i = 0; i < x.Length; i++)
                {
                    var (width, apart) = (Math.Pow(10, i / 2.0), x[i] - (i + 1));
                    sum += width * apart * apart / 2;
                    g[i] = width * apart;
                }

                return sum;
            },
            new double[9], 1000, 1e-9, CancellationToken.None);

        Assert.True(minimum.Converged);
        Assert.All(minimum.Point.Index(), x => Assert.Equal(x.Index + 1, x.Item, 6));
    }

    [Fact]
    public void It_stops_when_the_iterations_are_used_up()
    {
        var minimum = Lbfgs.Minimize(Rosenbrock, [-1.2, 1], 3, 1e-10, CancellationToken.None);

        Assert.False(minimum.Converged);
        Assert.Equal(3, minimum.Iterations);
        Assert.True(minimum.Value < Rosenbrock([-1.2, 1], new double[2]));
    }

    private static double Rosenbrock(ReadOnlySpan<double> x, Span<double> gradient)
    {
        var (a, b) = (1 - x[0], x[1] - x[0] * x[0]);
        (gradient[0], gradient[1]) = (-2 * a - 400 * x[0] * b, 200 * b);
        return a * a + 100 * b * b;
    }
}
