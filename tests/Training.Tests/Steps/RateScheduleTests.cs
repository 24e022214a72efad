using Sightline.Training.Steps;

namespace Sightline.Training.Tests.Steps;

public sealed class RateScheduleTests
{
    private static readonly AdamWSettings Settings = TrainerDefaults.Clip.Optimizer with { Rate = 0.8, FinalRate = 0.2, Warmup = 4 };

    // By hand: 0.2 + 0.6 (1 + cos(pi (s - 4) / 8)) / 2.
    [Theory]
    [InlineData(0, 0.2)]
    [InlineData(1, 0.4)]
    [InlineData(3, 0.8)]
    [InlineData(4, 0.8)]
    [InlineData(6, 0.71213203)]
    [InlineData(8, 0.5)]
    [InlineData(10, 0.28786797)]
    [InlineData(11, 0.22283614)]
    public void The_rate_rises_evenly_and_falls_along_half_a_cosine(long step, double rate) =>
        Assert.Equal(rate, new RateSchedule(Settings, 12).At(step), 8);

    [Fact]
    public void A_constant_rate_stays_after_its_warm_up()
    {
        var schedule = new RateSchedule(Settings with { Shape = RateShape.Constant }, 12);

        Assert.Equal([0.2, 0.4, 0.6, 0.8, 0.8, 0.8], new long[] { 0, 1, 2, 3, 4, 11 }.Select(schedule.At), (a, b) => Math.Abs(a - b) < 1e-12);
    }
}
