using System.Diagnostics;
using Sightline.TestKit;
using Sightline.Training.Runs;

namespace Sightline.Training.Tests.Runs;

public sealed class TrainingRunsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Folders_with_a_run_are_listed_and_links_are_not()
    {
        Assert.Empty(TrainingRuns.List(_folder.PathOf("nothing")));
        New("b").WriteRun("finished", 10, 10);
        New("a").WriteRun("finished", 10, 10);
        New("empty");
        Directory.CreateSymbolicLink(_folder.PathOf("link"), _folder.PathOf("a"));
        var linked = New("linked");
        File.CreateSymbolicLink(linked.Run, _folder.PathOf("a/run.json"));

        Assert.Equal(["a", "b"], TrainingRuns.List(_folder.Path).Select(r => r.Name));
        Assert.NotNull(TrainingRuns.Find(_folder.Path, "a"));
        foreach (var name in new[] { "", ".", "..", "a/../b", "../" + Path.GetFileName(_folder.Path) + "/a", "a\0", "link", "linked", "empty", "c", "a\\b" })
        {
            Assert.Null(TrainingRuns.Find(_folder.Path, name));
        }
    }

    [Fact]
    public void A_run_tells_how_far_it_is()
    {
        var run = New("a");
        run.WriteRun("failed", 5, 10, error: "The disk is full.", bestStep: 4, bestScore: 0.25);

        var read = TrainingRuns.Read(new RunFolder(_folder.PathOf("a")));

        Assert.Equal(("clip", TrainingState.Failed, 5, 10), (read.Kind, read.State, read.Step, read.Steps));
        Assert.Equal(("The disk is full.", 4, 0.25), (read.Error, read.BestStep, read.BestScore));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"kind\":\"clip\"")]
    [InlineData("[]")]
    public void A_damaged_run_is_told_with_its_file(string text)
    {
        var run = New("a");
        File.WriteAllText(run.Run, text);

        var e = Assert.Throws<InvalidDataException>(() => TrainingRuns.Read(new RunFolder(_folder.PathOf("a"))));

        Assert.Contains("a/run.json", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_is_told_from_one_that_is_gone_and_from_another_of_its_number()
    {
        var run = New("a");
        var own = (Environment.ProcessId, TrainingFolder.StartTicksOf(Environment.ProcessId));
        foreach (var (process, isAlive) in new[]
            { (own, true), ((own.ProcessId, own.Item2 + 1), false), ((int.MaxValue, own.Item2), false), ((0, 0L), false), ((-1, 0L), false) })
        {
            run.WriteRun("running", 5, 10, process: process);
            var read = TrainingRuns.Read(new RunFolder(_folder.PathOf("a")));
            Assert.Equal(isAlive ? TrainingState.Running : TrainingState.Stopped, read.State);
            Assert.Equal(isAlive ? null : "Its process is gone: it was killed, or the machine was started again.", read.Error);
        }
    }

    [Theory]
    [InlineData("--default-signal=INT", 130)]
    [InlineData("--ignore-signal=INT", 143)]
    public async Task A_process_is_asked_to_stop_as_by_control_c_and_by_term_where_it_ignores_that(string how, int exit)
    {
        // The program's name holds what a careless reader of /proc/ID/stat trips over.
        var script = _folder.PathOf("a) Z 1 (b");
        File.WriteAllText(script, "#!/bin/sh\necho up\nexec sleep 100\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var sleep = Process.Start(new ProcessStartInfo("env", [how, script]) { RedirectStandardOutput = true })!;
        Assert.Equal("up", await sleep.StandardOutput.ReadLineAsync());
        var ticks = TrainingFolder.StartTicksOf(sleep.Id);
        Assert.Equal(StopOutcome.Gone, new TrainingProcess(sleep.Id, ticks + 1).AskToStop());
        Assert.False(sleep.HasExited);

        Assert.Equal(StopOutcome.Asked, new TrainingProcess(sleep.Id, ticks).AskToStop());

        await sleep.WaitForExitAsync();
        Assert.Equal(exit, sleep.ExitCode);
        Assert.Equal(StopOutcome.Gone, new TrainingProcess(sleep.Id, ticks).AskToStop());
    }

    [Fact]
    public void Samples_are_the_png_files_themselves()
    {
        var run = New("a");
        run.AddSample("step-00000020.png", [1]);
        run.AddSample("step-00000010.png", [1]);
        run.AddSample("notes.txt", [1]);
        File.CreateSymbolicLink(run.PathOf("samples/link.png"), "/etc/passwd");
        Directory.CreateDirectory(run.PathOf("samples/folder.png"));

        Assert.Equal(["step-00000010.png", "step-00000020.png"], TrainingRuns.ListSamples(new RunFolder(_folder.PathOf("a"))).Select(f => f.Name));
        Assert.Empty(TrainingRuns.ListSamples(new RunFolder(_folder.PathOf("nothing"))));
    }

    [Fact]
    public void A_configuration_is_read_where_there_is_one()
    {
        var run = New("a");
        Assert.Null(TrainingRuns.ReadConfig(new RunFolder(_folder.PathOf("a"))));
        File.WriteAllText(run.PathOf("config.yaml"), "seed: 7\n");
        Assert.Equal("seed: 7\n", TrainingRuns.ReadConfig(new RunFolder(_folder.PathOf("a"))));
        File.WriteAllText(run.PathOf("config.yaml"), new string('a', 2 << 20));
        Assert.Throws<InvalidDataException>(() => TrainingRuns.ReadConfig(new RunFolder(_folder.PathOf("a"))));
    }

    private TrainingFolder New(string name) => new(_folder.PathOf(name));
}
