using Sightline.TestKit;
using Sightline.Training.Runs;

namespace Sightline.Training.Tests.Runs;

public sealed class MetricsLogTests
{
    private static string Line(long step, string kind, double loss) =>
        new MetricsRecord(step, DateTimeOffset.UnixEpoch, kind, new Dictionary<string, double> { ["loss"] = loss }).ToJson() + "\n";

    private static string Tell(MetricsLog log) => string.Join(" ", log.Records.Select(r => FormattableString.Invariant($"{r.Kind[0]}{r.Step}:{r.Figures["loss"]}")));

    [Fact]
    public void A_line_reads_as_it_was_written()
    {
        Assert.Equal("""{"step":120,"time":"1970-01-01T00:00:00+00:00","kind":"train","figures":{"loss":3.21}}""" + "\n", Line(120, "train", 3.21));
        Assert.Equal("t1:NaN", Tell(MetricsLog.Parse(Line(1, "train", double.NaN))));
    }

    [Fact]
    public void What_a_resumed_run_does_again_replaces_what_it_had_done()
    {
        var log = MetricsLog.Parse(
            Line(10, "train", 1) + Line(20, "train", 2) + Line(20, "validation", 3) + Line(30, "train", 4) + Line(40, "train", 5) + Line(40, "validation", 6)
            + Line(20, "train", 7) + Line(25, "train", 8) + Line(20, "validation", 9));

        Assert.Equal("t10:1 t20:7 v20:9 t25:8", Tell(log));
        Assert.Equal(0, log.Damaged);
    }

    [Fact]
    public void A_line_that_is_being_written_is_not_read_and_a_damaged_one_is_counted()
    {
        Assert.Equal("t1:1", Tell(MetricsLog.Parse(Line(1, "train", 1) + Line(2, "train", 2)[..^1])));
        var damaged = MetricsLog.Parse(Line(1, "train", 1) + "\0\0\0\n{\"step\":3}\n" + Line(2, "train", 2));
        Assert.Equal("t1:1 t2:2", Tell(damaged));
        Assert.Equal(2, damaged.Damaged);
    }

    [Fact]
    public void A_cut_line_is_gone_before_the_next_is_written()
    {
        using var folder = new TemporaryFolder();
        var run = new RunFolder(folder.Path);
        Assert.Empty(MetricsLog.Read(run).Records);
        foreach (var rest in new[] { "{\"step\":2,\"ti", new string('x', 10_000) })
        {
            File.WriteAllText(run.Metrics, Line(1, "train", 1) + rest);
            using (var writer = new MetricsWriter(run))
            {
                writer.Write(new MetricsRecord(2, DateTimeOffset.UnixEpoch, "train", new Dictionary<string, double> { ["loss"] = 2 }));
                Assert.Equal("t1:1 t2:2", Tell(MetricsLog.Read(run)));
            }

            Assert.Equal(Line(1, "train", 1) + Line(2, "train", 2), File.ReadAllText(run.Metrics));
        }

        File.WriteAllText(run.Metrics, "cut at once");
        new MetricsWriter(run).Dispose();
        Assert.Equal("", File.ReadAllText(run.Metrics));
    }
}
