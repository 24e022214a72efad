namespace Sightline.Search.Tests;

public sealed class TagCalibrationTests
{
    [Fact]
    public void Constants_that_made_the_labels_are_found_again()
    {
        var (random, truth) = (new Random(4), new TagCalibration(-3, 0.7, 1.8, ""));
        var examples = new List<((double, double)[] Labels, int Right)>();
        for (var i = 0; i < 20_000; i++)
        {
            (double, double)[] labels = [.. Enumerable.Range(0, 4).Select(_ => (4 * random.NextDouble() - 1, 4 * random.NextDouble() - 1))];
            double[] odds = [.. labels.Select(l => Math.Exp(truth.LogOdds(l.Item1, l.Item2))), 1];
            var draw = random.NextDouble() * odds.Sum();
            var right = 0;
            for (; draw > odds[right]; right++)
            {
                draw -= odds[right];
            }

            examples.Add((labels, right == 4 ? -1 : right));
        }

        var fitted = TagCalibration.Fit(examples, "made up");

        Assert.Equal(truth.Offset, fitted.Offset, 0.15);
        Assert.Equal(truth.ByCollection, fitted.ByCollection, 0.1);
        Assert.Equal(truth.ByPicture, fitted.ByPicture, 0.1);
    }

    [Fact]
    public void Labels_that_are_told_apart_without_fail_give_finite_constants()
    {
        var fitted = TagCalibration.Fit([.. Enumerable.Range(0, 50).Select(i => (new[] { (i % 2 == 0 ? 5.0 : -5.0, 0.0) }, i % 2 == 0 ? 0 : -1))], "x");

        Assert.True(fitted.LogOdds(5, 0) > 2 && fitted.LogOdds(-5, 0) < -2 && double.IsFinite(fitted.ByCollection));
    }
}
