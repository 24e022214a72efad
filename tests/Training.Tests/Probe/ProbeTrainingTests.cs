using System.Text.Json.Nodes;
using Sightline.Models;
using Sightline.Models.Clip;
using Sightline.TestKit;
using Sightline.Training.Probe;
using Sightline.Training.Runs;

namespace Sightline.Training.Tests.Probe;

/// <summary>Probes as the command trains them, on the bundled model.</summary>
public sealed class ProbeTrainingTests : IDisposable
{
    private const string Config = """
        kind: probe
        model: sightline-clip-0
        data: [{path: colours/labels.tsv, columns: {label: label}}]
        held_out: 0.2
        shots: [1]
        draws: 2
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_stopped_probe_begins_anew_and_a_finished_one_does_not()
    {
        ColourFolder.Write(_folder.PathOf("colours"), 60, captions: false);
        using var stop = new CancellationTokenSource();
        var stopped = Run(Config, false, new Notes(p => StopAt(p, stop)), stop.Token);
        Assert.Equal((TrainingState.Stopped, 1), (stopped.State, stopped.Step));
        Assert.Equal(TrainingState.Stopped, TrainingRuns.Read(Folder).State);
        Assert.False(Directory.Exists(Folder.Model));

        var notes = new Notes();
        var run = Run(Config, true, notes);

        Assert.Contains("A probe has no checkpoints: it begins anew.", notes.Sentences);
        Assert.Equal((TrainingState.Finished, "probe", stopped.Started), (run.State, run.Kind, run.Started));
        Assert.Equal((run.Steps, 1.0), (run.Step, run.BestScore));
        Assert.Equal(run, TrainingRuns.Read(Folder));
        Assert.Equal(Config, File.ReadAllText(Folder.Config));
        var log = MetricsReader.Read(Folder.Metrics, 0, default);
        Assert.Equal((run.Steps, 0), (log.Records.Count, log.Faults));
        Assert.Equal(1, log.Records[^1].Figures["test_accuracy"]);
        Assert.Contains("test_accuracy_1_shot", log.Records[^1].Figures.Keys);
        var (probe, classes) = LinearProbe.Load(Folder.Model);
        Assert.Equal(["blue", "green", "red"], classes.Names);
        Assert.Equal(3, probe.Classes);
        Assert.Contains("\"seed\": 0", File.ReadAllText(Path.Combine(Folder.Model, "training.json")), StringComparison.Ordinal);

        Assert.Contains("is finished", Assert.Throws<TrainingException>(() => Run(Config, true)).Message, StringComparison.Ordinal);
        Assert.Contains("holds a training already", Assert.Throws<TrainingException>(() => Run(Config, false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_probe_that_fails_says_so_in_its_folder()
    {
        ColourFolder.Write(_folder.PathOf("colours"), 1, captions: false);

        var cause = Assert.Throws<ArgumentException>(() => Run(Config, false));

        var run = TrainingRuns.Read(Folder);
        Assert.Equal((TrainingState.Failed, cause.Message), (run.State, run.Error));
        Assert.Contains("to train on", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data: [{path: colours}]", "model is needed")]
    [InlineData("model: nobody\ndata: [{path: colours}]", "model is neither in")]
    [InlineData("model: sightline-clip-0", "data is needed")]
    [InlineData("model: sightline-clip-0\ndata: [{path: colours}]\nshot: 3", "shot is unknown here")]
    public void A_configuration_that_cannot_be_begins_nothing(string config, string message)
    {
        Assert.Contains(message, Assert.Throws<TrainingConfigException>(() => Run(config, false)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Folder.Run));
    }

    [Fact]
    public void A_probes_options_are_read_with_their_ranges()
    {
        var config = new ConfigSection("", (JsonObject)JsonNode.Parse("""{"held_out": 0.25, "shots": [1, 4], "seed": 7}""")!);

        var options = ProbeTraining.ReadOptions(config);

        config.RequireAllRead();
        Assert.Equal((0.25, 3, 7L), (options.Share, options.Draws, options.Seed));
        Assert.Equal([1, 4], options.Shots);
    }

    private static void StopAt(TrainingProgress progress, CancellationTokenSource stop)
    {
        if (progress.Line is not null)
        {
            stop.Cancel();
        }
    }

    private RunFolder Folder => new(_folder.PathOf("run"));

    private TrainingRun Run(string config, bool resumes, Notes? notes = null, CancellationToken cancellationToken = default)
    {
        File.WriteAllText(_folder.PathOf("probe.yaml"), config);
        var models = new ModelCatalog(Path.Combine(Repository.Root, "models"), _folder.PathOf("none"));
        var request = new TrainingRequest(
            "probe", _folder.PathOf("probe.yaml"), Folder, resumes, new ComputeOptions("cpu", "fp32"), models, _folder.PathOf("cache"));
        return Trainings.Run(request, notes ?? new Notes(), TimeProvider.System, cancellationToken);
    }
}
