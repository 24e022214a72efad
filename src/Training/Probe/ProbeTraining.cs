using System.Globalization;
using Sightline.Curation;
using Sightline.Models.Clip;
using Sightline.Training.Evaluation;
using Sightline.Training.Runs;

namespace Sightline.Training.Probe;

/// <summary>
/// <c>train probe</c>: a probe as a training with a folder of its own. A step is one strength of the penalty, fitted to its end and measured
/// on the pictures to choose by. <c>model/</c> holds <c>probe.safetensors</c> and <c>classes.json</c>. It takes minutes and writes no
/// checkpoints: one that was stopped is run again from the start. A configuration's keys:
/// <code>
/// model: sightline-clip-0      # frozen: by its name, or a folder
/// data: [...]                  # labelled; a share of it chooses the penalty
/// validation: [...]            # pictures of their own to test on; without them a share of the data
/// pack: {fit: crop}
/// held_out: 0.1                # that share
/// shots: [1, 2, 4, 8, 16]      # examples of each class, for few-shot probes
/// draws: 3                     # of examples
/// seed: 0                      # of the draws
/// </code>
/// </summary>
internal sealed class ProbeTraining
{
    internal const string Name = "probe";
    internal const string Summary = "A linear classifier on a frozen model, from labelled pictures.";

    private const string Validation = "validation";

    private readonly TrainingWork _work;
    private readonly ProbeOptions _options;
    private readonly EvaluationSources _sources;
    private readonly string _model;
    private readonly RunFolder _folder;

    private TrainingRun _run = null!;

    private ProbeTraining(TrainingWork work)
    {
        var root = work.Config.Root;
        _work = work;
        _options = ReadOptions(root);
        _sources = EvaluationSources.ReadProbe(root, work.Places.ConfigFolder);
        _model = work.Places.FindModel(root, "model");
        _folder = work.Run.Folder;
    }

    /// <returns>The run as it ended: finished, or stopped where the token asked for it.</returns>
    /// <exception cref="TrainingConfigException">A setting cannot be; names it.</exception>
    /// <exception cref="TrainingException">The folder's run is finished.</exception>
    internal static TrainingRun Run(TrainingWork work, CancellationToken cancellationToken) => new ProbeTraining(work).Run(cancellationToken);

    /// <summary>Reads <c>held_out</c>, <c>shots</c>, <c>draws</c> and <c>seed</c>.</summary>
    internal static ProbeOptions ReadOptions(ConfigSection config)
    {
        var shots = config.Texts("shots");
        return new ProbeOptions(
            config.Number("held_out", ProbeOptions.Default.Share, 0.001, 0.9),
            config.Has("shots") ? [.. shots.Select(s => int.TryParse(s, out var n) && n > 0
                ? n : throw config.Wrong("shots", $"is a list of whole numbers above 0, and {s} is none"))] : ProbeOptions.Default.Shots,
            (int)config.Integer("draws", ProbeOptions.Default.Draws, 1, 1000), config.Integer("seed", 0, 0, int.MaxValue));
    }

    private TrainingRun Run(CancellationToken cancellationToken)
    {
        var started = Started();
        _work.Tell("loading the model");
        using var embedder = ClipEmbedder.Load(_model, _work.Compute);
        var cache = _work.Places.CacheFolder;
        var follower = new Follower(Tell);
        using var data = _sources.Open(embedder.ImageSize, cache, follower, cancellationToken);
        using var test = _sources.OpenTest(embedder.ImageSize, cache, follower, cancellationToken);
        foreach (var sentence in data.LeftOut.Concat(test?.LeftOut ?? []))
        {
            Tell("opening the data", note: sentence);
        }

        var device = $"{_work.Compute.Resolve().Device}, fp64";
        _run = new TrainingRun(
            _work.Kind, _folder.Name, TrainingState.Running, StrengthSweep.MostPoints, 0, _options.Seed, device, data.Digest, _work.Commit, started,
            _work.Time.GetUtcNow(), null, TrainingProcesses.Current, null, null);
        return Guarded(embedder, data, test, follower, cancellationToken);
    }

    private DateTimeOffset Started()
    {
        if (!_work.Resumes)
        {
            return _work.Time.GetUtcNow();
        }

        var before = TrainingRuns.Read(_folder);
        if (before.State == TrainingState.Finished)
        {
            throw new TrainingException($"The probe in {_folder.Path} is finished: there is nothing to go on with; --name begins another.");
        }

        Tell("beginning", note: "A probe has no checkpoints: it begins anew.");
        return before.Started;
    }

    private TrainingRun Guarded(
        ClipEmbedder embedder, EvaluationData data, EvaluationData? test, Follower follower, CancellationToken cancellationToken)
    {
        DurableFiles.RemoveUnfinished(_folder.Path);
        try
        {
            AtomicFile.WriteText(_folder.Config, _work.Config.Text);
            using var metrics = new MetricsWriter(_folder);
            Record(_run);
            try
            {
                // A training has a thread of its own, which waits here.
                var (report, fit) = ProbeEvaluation.FitAsync(
                    embedder, data, test, _options, _work.Compute, point => Tried(metrics, point), follower, cancellationToken)
                    .GetAwaiter().GetResult();
                Write(metrics, Figures(report));
                metrics.Flush();
                Export(new ProbeClasses(embedder.Space.Model, embedder.Space.Digest, fit.Strength, data.Pictures.Labels), fit.Probe);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return Record(_run with { State = TrainingState.Stopped });
            }

            return Record(_run with { State = TrainingState.Finished, Steps = _run.Step });
        }
        catch (Exception e)
        {
            TrainingRuns.WriteFailed(_folder, _run with { Updated = _work.Time.GetUtcNow() }, e);
            throw;
        }
    }

    private void Tried(MetricsWriter metrics, SweepPoint point)
    {
        _run = _run with { Step = _run.Step + 1 };
        if (!(point.Score <= _run.BestScore))
        {
            _run = _run with { BestStep = _run.Step, BestScore = point.Score };
        }

        Write(metrics, new() { ["strength"] = point.Strength, ["accuracy"] = point.Score, ["score"] = point.Score });
        Record(_run);
    }

    private void Export(ProbeClasses classes, LinearProbe probe)
    {
        var origin = new TrainingOrigin(_work.Kind, _options.Seed, _work.Config.Digest, _run.DataDigest, _work.Commit, _run.Device);
        new ExportedModel(_run.Step, _run.BestScore, origin).Write(_folder, (folder, _) => probe.Save(folder, classes), []);
    }

    private static SortedDictionary<string, double> Figures(ProbeReport report)
    {
        var figures = new SortedDictionary<string, double>(StringComparer.Ordinal)
        {
            ["strength"] = report.Strength, ["accuracy"] = report.ValidationAccuracy, ["score"] = report.ValidationAccuracy,
            ["test_accuracy"] = report.Top1.Share, ["test_mean_per_class"] = report.MeanPerClass,
        };
        foreach (var few in report.FewShot)
        {
            figures[string.Create(CultureInfo.InvariantCulture, $"test_accuracy_{few.Shots}_shot")] = few.Mean;
        }

        return figures;
    }

    private void Write(MetricsWriter metrics, SortedDictionary<string, double> figures)
    {
        var line = new MetricsRecord(_run.Step, _work.Time.GetUtcNow(), Validation, figures);
        metrics.Write(line);
        Tell("fitting", line);
    }

    private TrainingRun Record(TrainingRun run)
    {
        _run = run with { Updated = _work.Time.GetUtcNow() };
        TrainingRuns.Write(_folder, _run);
        return _run;
    }

    private void Tell(string doing, MetricsRecord? line = null, string? note = null) => _work.Progress.Report(new TrainingProgress(
        _run?.Step ?? 0, StrengthSweep.MostPoints, doing, null, 0, 0, null, null, _run?.BestScore, line, note));

    private void Tell(EvaluationProgress progress) =>
        Tell(string.Create(CultureInfo.InvariantCulture, $"{progress.Stage}: {progress.Done:N0} of {progress.Total:N0}"));

    private sealed class Follower(Action<EvaluationProgress> follow) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => follow(value);
    }
}
