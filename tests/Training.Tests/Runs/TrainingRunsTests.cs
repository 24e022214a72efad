using System.Diagnostics;
using Sightline.TestKit;
using Sightline.Training.Runs;

namespace Sightline.Training.Tests.Runs;

public sealed class TrainingRunsTests
{
    private static TrainingRun Run(TrainingProcess process, int minute) => new(
        "clip", "as it was called", TrainingState.Running, 100, 20, 7, "cpu, fp32", "d1", "c1", DateTimeOffset.UnixEpoch.AddMinutes(minute),
        DateTimeOffset.UnixEpoch.AddHours(1), null, process, 10, 0.5);

    [Fact]
    public void Runs_are_listed_with_what_they_say_of_themselves_and_one_whose_process_is_gone_as_stopped()
    {
        using var folder = new TemporaryFolder();
        using var ended = Process.Start("true");
        ended.WaitForExit();
        Write("alive", Run(TrainingProcess.Current, 1));
        Write("gone", Run(new TrainingProcess(ended.Id, 1), 2));
        Write("another-with-its-number", Run(TrainingProcess.Current with { StartedTicks = TrainingProcess.Current.StartedTicks - 1 }, 3));
        Write("failed", Run(new TrainingProcess(1, 1), 4) with { State = TrainingState.Failed, Error = "no data" });
        Directory.CreateDirectory(folder.PathOf("no run"));

        var runs = TrainingRuns.List(folder.Path);

        Assert.Equal(["failed", "another-with-its-number", "gone", "alive"], runs.Select(r => r.Name));
        Assert.Equal([TrainingState.Failed, TrainingState.Stopped, TrainingState.Stopped, TrainingState.Running], runs.Select(r => r.State));
        Assert.Equal(Run(TrainingProcess.Current, 1) with { Name = "alive" }, runs[3]);
        Assert.Empty(TrainingRuns.List(folder.PathOf("nowhere")));

        void Write(string name, TrainingRun run)
        {
            Directory.CreateDirectory(folder.PathOf(name));
            TrainingRuns.Write(new RunFolder(folder.PathOf(name)), run);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"kind\":\"clip\"")]
    [InlineData("{\"kind\":\"clip\"}")]
    [InlineData("null")]
    public void A_damaged_run_is_listed_as_failed_with_the_reason(string text)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.PathOf("a"));
        File.WriteAllText(folder.PathOf("a", "run.json"), text);

        var run = Assert.Single(TrainingRuns.List(folder.Path));

        Assert.Equal((TrainingState.Failed, "a"), (run.State, run.Name));
        Assert.Contains(folder.PathOf("a", "run.json"), run.Error);
    }

    [Fact]
    public void A_folder_is_replaced_as_a_whole_and_what_is_half_written_is_removed()
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("model");
        foreach (var name in new[] { "first", "second" })
        {
            DurableFiles.WriteFolder(path, temporary =>
            {
                Assert.Empty(Directory.GetFileSystemEntries(temporary));
                File.WriteAllText(Path.Combine(temporary, name), name);
            });
            Assert.Equal([Path.Combine(path, name)], Directory.GetFileSystemEntries(path));
        }

        Assert.Throws<InvalidOperationException>(() => DurableFiles.WriteFolder(path, _ => throw new InvalidOperationException()));
        Assert.Equal([Path.Combine(path, "second")], Directory.GetFileSystemEntries(path));
        DurableFiles.RemoveUnfinished(folder.Path);
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
        DurableFiles.RemoveFolder(path);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }
}
