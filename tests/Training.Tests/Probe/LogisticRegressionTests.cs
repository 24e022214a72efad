using System.Text.Json;
using Sightline.TestKit;
using Sightline.Training.Probe;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Tests.Probe;

public sealed class LogisticRegressionTests
{
    [Fact]
    public void The_gradient_is_that_of_the_objective()
    {
        using var regression = new LogisticRegression(Golden.Examples, CPU);
        var random = new Random(3);
        double[] point = [.. Enumerable.Range(0, Golden.Examples.Classes * (Golden.Examples.Dimensions + 1)).Select(_ => random.NextDouble() - 0.5)];
        var gradient = new double[point.Length];
        regression.Evaluate(point, gradient, 2.5);
        var ignored = new double[point.Length];
        for (var i = 0; i < point.Length; i++)
        {
            // Central differences err by the square of the step and by rounding, 1e-16 / 1e-6.
            var (up, down) = ((double[])point.Clone(), (double[])point.Clone());
            up[i] += 1e-6;
            down[i] -= 1e-6;
            var difference = (regression.Evaluate(up, ignored, 2.5) - regression.Evaluate(down, ignored, 2.5)) / 2e-6;
            Assert.Equal(difference, gradient[i], 1e-8);
        }
    }

    /// <summary>scikit-learn goes on to 1e-10 of the gradient, ours ends at 1e-6 of the mean's: where the penalty is weak, weights may differ
    /// by that over the curvature, a few of 1e-4.</summary>
    [Fact]
    public void It_fits_what_scikit_learn_fits()
    {
        using var regression = new LogisticRegression(Golden.Examples, CPU);
        foreach (var expected in Golden.Fits)
        {
            var (probe, minimum) = regression.Fit(expected.Strength, CancellationToken.None);

            Assert.True(minimum.Converged);
            var largest = expected.Weights.Max(Math.Abs);
            Assert.All(expected.Weights.Zip(probe.Weights), w => Assert.Equal(w.First, w.Second, 2e-3 * largest));
            Assert.All(expected.Bias.Zip(probe.Bias), b => Assert.Equal(b.First, b.Second - probe.Bias.Average(), 2e-3));
            Assert.Equal(expected.Accuracy, probe.Accuracy(Golden.Examples), 9);
        }
    }

    [Fact]
    public void Without_anything_to_go_by_the_bias_learns_how_frequent_the_classes_are()
    {
        // Features of zero: the optimum is softmax(b) = shares, and W = 0, whatever the penalty.
        var examples = new FeatureSet(new float[8], [0, 0, 0, 0, 0, 0, 1, 1], 2, 1);
        using var regression = new LogisticRegression(examples, CPU);

        var (probe, _) = regression.Fit(1, CancellationToken.None);

        Assert.Equal(Math.Log(3), probe.Bias[0] - probe.Bias[1], 1e-4);
        Assert.All(probe.Weights, w => Assert.Equal(0, w));
    }

    [Fact]
    public void Two_symmetric_points_have_a_closed_form()
    {
        // x = 1 and -1 with strength s: 2 ln(1 + e^-2w) + s w^2 for weights w and -w, so that s w = 2 / (1 + e^2w).
        var examples = new FeatureSet([1, -1], [0, 1], 2, 1);
        using var regression = new LogisticRegression(examples, CPU);

        double w = regression.Fit(0.5, CancellationToken.None).Probe.Weights[0];

        Assert.Equal(2 / (1 + Math.Exp(2 * w)), 0.5 * w, 1e-5);
    }

    [Fact]
    public void Fitting_leaves_no_tensor_behind()
    {
        var start = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var regression = new LogisticRegression(Golden.Examples, CPU))
        {
            regression.Fit(1, CancellationToken.None);
            Assert.Equal(start + 2, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(start, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void One_class_is_no_choice() =>
        Assert.Throws<ArgumentException>(() => new LogisticRegression(new FeatureSet([1, 2], [0, 0], 1, 1), CPU));

    [Fact]
    public void A_probe_that_was_saved_is_the_same_again()
    {
        using var folder = new TemporaryFolder();
        var probe = new LinearProbe([1, 2, 3, 4, 5, 6], [0.5f, -0.5f], 2, 3);
        probe.Save(folder.Path, new ProbeClasses("a-model", "abc", 0.25, ["cat", "dog"]));

        var (loaded, classes) = LinearProbe.Load(folder.Path);

        Assert.Equal(probe.Weights, loaded.Weights);
        Assert.Equal(probe.Bias, loaded.Bias);
        Assert.Equal(["cat", "dog"], classes.Names);
        File.Delete(folder.PathOf("classes.json"));
        Assert.Throws<Models.Weights.ModelFormatException>(() => LinearProbe.Load(folder.Path));
    }

    private sealed record Fit(double Strength, double[] Weights, double[] Bias, double Accuracy);

    private static class Golden
    {
        private static readonly JsonElement File = JsonElement.Parse(
            System.IO.File.ReadAllText(Path.Combine(Repository.Root, "tests", "Golden", "probe", "expected.json")));

        internal static FeatureSet Examples { get; } = new(
            [.. Numbers(File, "features").Select(f => (float)f)], [.. Numbers(File, "labels").Select(l => (int)l)],
            File.GetProperty("classes").GetInt32(), File.GetProperty("dimensions").GetInt32());

        internal static IEnumerable<Fit> Fits => File.GetProperty("fits").EnumerateArray().Select(f => new Fit(
            f.GetProperty("strength").GetDouble(), Numbers(f, "weights"), Numbers(f, "bias"), f.GetProperty("accuracy").GetDouble()));

        private static double[] Numbers(JsonElement from, string name) => [.. from.GetProperty(name).EnumerateArray().Select(n => n.GetDouble())];
    }
}
