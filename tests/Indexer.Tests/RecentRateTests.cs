namespace Sightline.Indexer.Tests;

public sealed class RecentRateTests
{
    [Fact]
    public void A_rate_is_of_what_was_worked_on_of_late()
    {
        var time = new ManualTime();
        var rate = new RecentRate(time);

        Assert.Equal(0, rate.Of(0));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(50, rate.Of(100));
        time.Advance(TimeSpan.FromSeconds(60));
        rate.Of(100);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(0, rate.Of(100));
    }

    private sealed class ManualTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        internal void Advance(TimeSpan by) => _now += by.Ticks;
    }
}
