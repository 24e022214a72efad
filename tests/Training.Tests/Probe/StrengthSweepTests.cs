using Sightline.Training.Probe;

namespace Sightline.Training.Tests.Probe;

public sealed class StrengthSweepTests
{
    [Theory]
    [InlineData(-3.13)]
    [InlineData(0.0)]
    [InlineData(2.6)]
    public void It_comes_within_an_eighth_of_a_decade_of_a_peak(double peak)
    {
        var asked = new List<double>();
        var (best, tried) = StrengthSweep.Run(strength =>
        {
            asked.Add(strength);
            return -Math.Abs(Math.Log10(strength) - peak);
        });

        Assert.InRange(Math.Log10(best) - peak, -1.0 / 16 - 1e-9, 1.0 / 16 + 1e-9);
        Assert.Equal(asked.Distinct().Count(), asked.Count);
        Assert.InRange(tried.Count, 7, StrengthSweep.MostPoints);
        Assert.Equal(tried.Select(t => t.Strength).Order(), tried.Select(t => t.Strength));
    }

    [Theory]
    [InlineData(1, 1e6)]
    [InlineData(-1, 1e-6)]
    public void At_an_end_of_the_range_it_stays_there(int direction, double end) =>
        Assert.Equal(end, StrengthSweep.Run(strength => direction * Math.Log10(strength)).Best, end * 1e-9);

    [Fact]
    public void Of_equally_good_ones_the_strongest_penalty_is_taken() => Assert.Equal(1e6, StrengthSweep.Run(_ => 0.5).Best, 1e-3);
}
