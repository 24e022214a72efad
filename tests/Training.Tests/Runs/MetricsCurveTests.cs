using Sightline.Training.Runs;

namespace Sightline.Training.Tests.Runs;

public sealed class MetricsCurveTests
{
    [Fact]
    public void Each_figure_of_each_kind_is_a_curve()
    {
        var curves = MetricsCurve.From([Record("train", 1, ("loss", 3), ("rate", 1)), Record("validation", 1, ("loss", 4)), Record("train", 2, ("loss", 2))], null);

        Assert.Equal([("train", "loss"), ("train", "rate"), ("validation", "loss")], curves.Select(c => (c.Kind, c.Name)));
        Assert.Equal([1, 2], curves[0].Steps);
        Assert.Equal([3, 2], curves[0].Values);
        Assert.Null(curves[0].Lows);
    }

    [Fact]
    public void A_long_curve_is_thinned_to_means_with_the_least_and_greatest()
    {
        var records = Enumerable.Range(1, 1000).Select(i => Record("train", i, ("loss", i == 501 ? 1000 : 1), ("short", i))).ToList();

        var curve = MetricsCurve.From(records, 10)[0];

        Assert.Equal(10, curve.Steps.Count);
        Assert.Equal([100, 200, 300, 400, 500, 600, 700, 800, 900, 1000], curve.Steps);
        Assert.Equal((1000, 1), (curve.Highs![5], curve.Lows![5]));
        Assert.Equal(10.99, curve.Values[5], 6);
        Assert.All(curve.Values.Where((_, i) => i != 5), v => Assert.Equal(1, v));
        Assert.Null(MetricsCurve.From(records.Take(10).ToList(), 10)[0].Highs);
    }

    [Fact]
    public void Figures_that_are_no_numbers_are_told_and_spoil_no_mean()
    {
        var records = Enumerable.Range(0, 100).Select(i => Record("train", i, ("loss", i is 15 or >= 90 ? double.NaN : 1))).ToList();

        var curve = MetricsCurve.From(records, 10)[0];

        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 1, 1, double.NaN], curve.Values);
        Assert.Equal([15, 90, 91], curve.NotFinite.Take(3));
        Assert.Equal(11, curve.NotFinite.Count);
    }

    private static MetricsRecord Record(string kind, long step, params (string Name, double Value)[] figures) =>
        new(step, DateTimeOffset.UnixEpoch.AddSeconds(step), kind, figures.ToDictionary(f => f.Name, f => f.Value));
}
