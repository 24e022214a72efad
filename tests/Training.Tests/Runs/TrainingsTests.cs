using System.Diagnostics;
using System.Globalization;
using Sightline.TestKit;
using Sightline.Training.Runs;
using Sightline.Training.Tests.Steps;

namespace Sightline.Training.Tests.Runs;

/// <summary>Trainings as the command starts them, some of them in processes of their own.</summary>
public sealed class TrainingsTests : IDisposable
{
    private const string Config = """
        # The tiny task.
        kind: tiny
        steps: 60
        batch: 8
        parts: 2
        seed: 3
        validate_every: 20
        checkpoint_every: 10
        log_every: 4
        samples_every: 30
        model: {noise: 0.1}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_training_killed_at_any_moment_goes_on_bit_for_bit()
    {
        var config = Write("tiny.yaml", Config);
        TinyTraining.Run(_folder.PathOf("straight"), config);
        var killed = new RunFolder(_folder.PathOf("killed"));

        // Before any checkpoint, between two, before the best is written, between it and its model; the last while it writes.
        foreach (var (moment, stays) in new[]
        {
            ("training 5", true), ("training 17", true), ("writing a checkpoint 20", true), ("writing the model 40", true), ("writing a checkpoint 50", false),
        })
        {
            using var child = Start(killed.Path, config, moment == "training 5" ? "new" : "resume", stays ? moment : "");
            WaitFor(child, moment);
            child.Kill();
            child.WaitForExit();
            Assert.True(!stays || TrainingRuns.Read(killed).State == TrainingState.Stopped);
        }

        // As if the last kill had cut a line.
        File.AppendAllText(killed.Metrics, """{"step":41,"time":"2026""");

        TinyTraining.Run(killed.Path, config, resumes: true);

        TrainerTests.AssertSame(new RunFolder(_folder.PathOf("straight")), killed, 60);
        Assert.Equal(Config, File.ReadAllText(killed.Config));
        Assert.Empty(Directory.GetDirectories(killed.Path, "*.unfinished", SearchOption.AllDirectories));
    }

    [Fact]
    public void Two_processes_do_not_work_on_one_folder()
    {
        var config = Write("tiny.yaml", Config);
        using var child = Start(_folder.PathOf("run"), config, "new", "training 3");
        WaitFor(child, "training 3");

        var e = Assert.Throws<TrainingException>(() => TinyTraining.Run(_folder.PathOf("run"), config, resumes: true));

        Assert.Contains("Another process works on", e.Message);
        Assert.Equal(TrainingState.Running, TrainingRuns.Read(new RunFolder(_folder.PathOf("run"))).State);
        child.Kill();
        child.WaitForExit();
    }

    [Fact]
    public void A_folder_is_not_used_twice_nor_resumed_without_a_training()
    {
        var config = Write("tiny.yaml", Config);
        Assert.Contains("holds no training", Assert.Throws<TrainingException>(() => TinyTraining.Run(_folder.PathOf("run"), config, resumes: true)).Message);
        Assert.False(Directory.Exists(_folder.PathOf("run")));
        TinyTraining.Run(_folder.PathOf("run"), config);

        Assert.Contains("holds a training already", Assert.Throws<TrainingException>(() => TinyTraining.Run(_folder.PathOf("run"), config)).Message);
    }

    [Fact]
    public void A_run_says_what_it_is_made_of()
    {
        var config = Write("tiny.yaml", Config);

        var run = TinyTraining.Run(_folder.PathOf("run"), config, precision: "bf16");

        Assert.Equal(("tiny", "run", 60, 3, "cpu, bf16"), (run.Kind, run.Name, run.Steps, run.Seed, run.Device));
        Assert.Matches("^[0-9a-f]{64}$", run.DataDigest);
        Assert.NotEmpty(run.Commit);
        Assert.Equal(TrainingProcesses.Current, run.Process);
        var state = File.ReadAllText(Path.Combine(_folder.PathOf("run"), "checkpoints", "step-00000060", "state.json"));
        Assert.All(
            [run.DataDigest, run.Commit, "\"seed\": 3", "\"configDigest\": \"" + TrainingConfig.Read(config).Digest], part => Assert.Contains(part, state));
    }

    [Fact]
    public void Another_configuration_or_other_data_is_refused_and_another_number_of_steps_is_not()
    {
        TinyTraining.Run(_folder.PathOf("run"), Write("tiny.yaml", Config));

        Refused(Config.Replace("noise: 0.1", "noise: 0.2", StringComparison.Ordinal), "its configuration was another");
        Refused(Config.Replace("batch: 8", "batch: 16", StringComparison.Ordinal), "its configuration was another");
        Refused(Config.Replace("seed: 3", "seed: 4", StringComparison.Ordinal), "its seed is 3, not 4");
        var notes = new Notes();
        var run = TinyTraining.Run(
            _folder.PathOf("run"), Write("more.yaml", Config.Replace("steps: 60", "steps: 70", StringComparison.Ordinal)), resumes: true, notes);
        Assert.Equal((TrainingState.Finished, 70), (run.State, run.Step));
        Assert.Contains(notes.Sentences, n => n.Contains("changed from 60 to 70", StringComparison.Ordinal));

        void Refused(string text, string message)
        {
            var config = Write("other.yaml", text);
            Assert.Contains(message, Assert.Throws<TrainingException>(() => TinyTraining.Run(_folder.PathOf("run"), config, resumes: true)).Message);
        }
    }

    [Theory]
    [InlineData("steps: 5\nmodel: {nois: 0.1}", "model.nois is unknown here; there are noise.")]
    [InlineData("steps: 5\nkind: clip", "kind says that this is not for a training of tiny")]
    [InlineData("steps: 5\nkind: nonsense", "kind is one of")]
    [InlineData("batch: 5", "Give either steps or epochs")]
    public void A_configuration_that_cannot_be_begins_nothing(string text, string message)
    {
        var config = Write("tiny.yaml", text);

        Assert.Contains(message, Assert.Throws<TrainingConfigException>(() => TinyTraining.Run(_folder.PathOf("run"), config)).Message);

        Assert.False(File.Exists(_folder.PathOf("run", "run.json")));
        Assert.Contains("There is no configuration", Assert.Throws<TrainingConfigException>(() => TinyTraining.Run(_folder.PathOf("run"), "/nowhere.yaml")).Message);
    }

    private static Process Start(string folder, string config, string mode, string stays)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(TrainingsTests).Assembly.Location, folder, config, mode, stays])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        return Process.Start(start)!;
    }

    private static void WaitFor(Process child, string moment)
    {
        var seen = new List<string>();
        while (child.StandardOutput.ReadLine() is { } line)
        {
            seen.Add(line);
            if (line == moment)
            {
                return;
            }
        }

        throw new InvalidOperationException(string.Create(
            CultureInfo.InvariantCulture, $"The process ended before \"{moment}\" and said: {string.Join(" | ", seen)}"));
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder.PathOf(name), text);
        return _folder.PathOf(name);
    }
}
