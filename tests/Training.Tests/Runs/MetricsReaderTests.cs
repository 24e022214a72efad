using Sightline.TestKit;
using Sightline.Training.Runs;

namespace Sightline.Training.Tests.Runs;

public sealed class MetricsReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TrainingFolder _run;

    public MetricsReaderTests() => _run = new TrainingFolder(_folder.PathOf("a"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_growing_file_is_read_from_where_the_last_reading_ended()
    {
        Assert.Equal((0, 0L, false), Summary(Read(0)));
        _run.AddLine("train", 10, ("loss", 3.5), ("rate", 0.001));
        var first = Read(0);
        Assert.Equal((1, new FileInfo(_run.Metrics).Length, false), Summary(first));
        Assert.Equal((3.5, 0.001), (first.Records[0].Figures["loss"], first.Records[0].Figures["rate"]));

        var line = TrainingFolder.LineOf("train", 20, ("loss", 3));
        _run.AddText(line[..25]);
        Assert.Equal((0, first.Next, false), Summary(Read(first.Next)));
        _run.AddText(line[25..]);
        Assert.Equal((0, first.Next, false), Summary(Read(first.Next)));
        _run.AddText("\n");
        Assert.Equal([20], Steps(Read(first.Next)));
        Assert.Equal([10, 20], Steps(Read(0)));
    }

    [Fact]
    public void A_resumed_training_takes_the_place_of_what_it_does_again()
    {
        foreach (var step in new long[] { 10, 20, 30, 40 })
        {
            _run.AddLine("train", step, ("loss", step));
        }

        _run.AddLine("validation", 40, ("loss", 40));
        _run.AddLine("train", 30, ("loss", -30));
        Assert.Equal([10, 20, 30], Steps(Read(0)));
        Assert.Equal(-30, Read(0).Records[^1].Figures["loss"]);
        Assert.Equal([10, 20, 30], Steps(Read(0)));

        _run.AddLine("validation", 30, ("loss", -1));
        _run.AddLine("train", 40, ("loss", -40));
        Assert.Equal([10, 20, 30, 30, 40], Steps(Read(0)));
    }

    [Fact]
    public void Figures_that_are_no_numbers_are_read_as_such()
    {
        _run.AddText("""{"step":1,"time":"2026-01-31T12:00:00Z","kind":"train","figures":{"a":"NaN","b":"Infinity","c":"-Infinity","d":null,"e":1e999}}""" + "\n");

        var figures = Assert.Single(Read(0).Records).Figures;

        Assert.Equal([double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.NaN, double.PositiveInfinity], figures.Values);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no record")]
    [InlineData("null")]
    [InlineData("""{"step":1}""")]
    [InlineData("""{"step":-1,"time":"2026-01-31T12:00:00Z","kind":"train","figures":{}}""")]
    [InlineData("""{"step":1,"time":"yesterday","kind":"train","figures":{}}""")]
    [InlineData("""{"step":1,"time":"2026-01-31T12:00:00Z","kind":null,"figures":{}}""")]
    [InlineData("""{"step":1,"time":"2026-01-31T12:00:00Z","kind":"train","figures":{"loss":NaN}}""")]
    [InlineData("""{"step":1,"time":"2026-01-31T12:00:00Z","kind":"train","figures":{"loss":"low"}}""")]
    public void A_line_that_is_no_record_is_counted_and_the_next_is_read(string line)
    {
        _run.AddText(line + "\n");
        _run.AddLine("train", 10, ("loss", 1));

        var stretch = Read(0);

        Assert.Equal([10], Steps(stretch));
        Assert.Equal(1, stretch.Faults);
        Assert.StartsWith("At byte 0 of metrics.jsonl: ", stretch.FirstFault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_of_megabytes_is_left_out()
    {
        _run.AddLine("train", 1, ("loss", 1));
        _run.AddText(new string('x', 5_000_000) + "\n");
        _run.AddLine("train", 2, ("loss", 1));

        var stretch = Read(0);

        Assert.Equal([1, 2], Steps(stretch));
        Assert.Equal((1, new FileInfo(_run.Metrics).Length), (stretch.Faults, stretch.Next));
    }

    [Fact]
    public void Many_lines_come_in_parts()
    {
        _run.AddText(string.Concat(Enumerable.Range(1, MetricsReader.MostRecords + 5).Select(i => TrainingFolder.LineOf("train", i, ("loss", 1)) + "\n")));

        var first = Read(0);
        var second = Read(first.Next);

        Assert.Equal((MetricsReader.MostRecords, true), (first.Records.Count, first.HasMore));
        Assert.Equal((5, false), (second.Records.Count, second.HasMore));
        Assert.Equal(MetricsReader.MostRecords + 1, second.Records[0].Step);
    }

    [Fact]
    public void An_offset_at_which_no_line_begins_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Read(1));
        _run.AddLine("train", 1, ("loss", 1));
        foreach (var from in new long[] { -1, 1, 20, 1000, long.MaxValue })
        {
            Assert.Throws<ArgumentException>(() => Read(from));
        }
    }

    [Fact]
    public void The_tail_tells_the_pace_of_a_long_training_without_its_breaks()
    {
        for (var step = 10; step <= 20_000; step += 10)
        {
            _run.AddLine("train", step < 19_900 ? step : step + 100_000, ("loss", 1), ("images_per_second", step));
        }

        var tail = MetricsReader.ReadTail(_run.Metrics, default);
        var pace = TrainingPace.Of(tail)!;

        Assert.InRange(tail.Count, 100, 1000);
        Assert.Equal((1, 20_000), (pace.StepsPerSecond, pace.ImagesPerSecond));
        Assert.Equal(TimeSpan.FromSeconds(50), pace.TimeFor(50));
        Assert.Null(TrainingPace.Of(tail.Take(1).ToList()));
    }

    private MetricsStretch Read(long from) => MetricsReader.Read(_run.Metrics, from, default);

    private static (int Records, long Next, bool HasMore) Summary(MetricsStretch stretch) => (stretch.Records.Count, stretch.Next, stretch.HasMore);

    private static IEnumerable<long> Steps(MetricsStretch stretch) => stretch.Records.Select(r => r.Step);
}
