using Sightline.Curation;
using Sightline.Training.Data;
using Sightline.Training.Runs;
using static TorchSharp.torch;

namespace Sightline.Training.Steps;

/// <summary>
/// The loop of a training: reads a step's pictures, has the task compute gradients, updates the weights, and writes metrics, checkpoints,
/// samples and the best model into the run's folder. What a step computes follows from the weights, the seed and the step's number alone,
/// so that a training that was stopped, or killed at any moment, goes on from its last checkpoint as if nothing had happened.
/// </summary>
internal sealed class Trainer : IDisposable
{
    /// <summary>So many steps without finite gradients, one after the other, end a training: its weights are beyond help.</summary>
    internal const int MostSkippedInARow = 10;

    private const string Train = "train";
    private const string Validation = "validation";
    private const string Images = ":images";
    private const string Seconds = ":seconds";
    private const string Waited = ":waited";
    private const string Skipped = ":skipped";
    private const string GradientNorm = "gradient_norm";

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(2);

    private readonly ITrainingTask _task;
    private readonly IBatchSource _source;
    private readonly RunFolder _folder;
    private readonly TrainerOptions _options;
    private readonly TrainingOrigin _origin;
    private readonly string _config;
    private readonly TimeProvider _time;
    private readonly TrainedWeights _weights;
    private readonly RateSchedule _rates;
    private readonly MetricSums _sums = new();

    private IProgress<TrainingProgress> _progress = new Silence();
    private DateTimeOffset _started;
    private long _recorded;
    private long _begun;
    private long _firstStep;
    private long _step;
    private int _skippedInARow;
    private long _validatedStep = -1;
    private long _sampledStep = -1;
    private long _checkpointedStep = -1;
    private long? _bestStep;
    private double? _bestScore;
    private bool _isNewBest;

    /// <param name="task">What is trained; the caller disposes it, after this.</param>
    /// <param name="source">Its pictures; the caller disposes it.</param>
    /// <param name="run">The right to its folder.</param>
    /// <param name="origin">Stands in checkpoints.</param>
    /// <param name="config">The configuration as it was given, for the folder.</param>
    internal Trainer(
        ITrainingTask task, IBatchSource source, RunLock run, TrainerOptions options, TrainingOrigin origin, string config, TimeProvider time)
    {
        _task = task;
        _source = source;
        _folder = run.Folder;
        _options = options;
        _origin = origin;
        _config = config;
        _time = time;
        _started = time.GetUtcNow();
        _weights = new TrainedWeights(task, options.Optimizer, options.EmaDecay);
        _rates = new RateSchedule(options.Optimizer, options.Steps);
    }

    /// <summary>Trains from the task's own weights.</summary>
    /// <returns>The run as it ended: finished, or stopped where the token asked for it.</returns>
    /// <exception cref="TrainingException">The training cannot go on; it is recorded as failed, as with any other exception.</exception>
    internal TrainingRun Run(IProgress<TrainingProgress> progress, CancellationToken cancellationToken)
    {
        _progress = progress;
        return Guarded(() => { }, cancellationToken);
    }

    /// <summary>Goes on from the last checkpoint, or from the task's own weights where there is none yet.</summary>
    /// <inheritdoc cref="Run"/>
    internal TrainingRun Resume(IProgress<TrainingProgress> progress, CancellationToken cancellationToken)
    {
        _progress = progress;
        if (File.Exists(_folder.Run))
        {
            _started = TrainingRuns.Read(_folder).Started;
        }

        return Guarded(Restore, cancellationToken);
    }

    public void Dispose() => _weights.Dispose();

    private TrainingRun Guarded(Action restore, CancellationToken cancellationToken)
    {
        DurableFiles.RemoveUnfinished(_folder.Path);
        DurableFiles.RemoveUnfinished(_folder.Checkpoints);

        // A checkpoint that is refused leaves the folder as it is.
        restore();
        try
        {
            Directory.CreateDirectory(_folder.Samples);
            AtomicFile.WriteText(_folder.Config, _config);
            using var metrics = new MetricsWriter(_folder);
            Record(TrainingState.Running);
            _begun = _time.GetTimestamp();
            _firstStep = _step;
            try
            {
                Loop(metrics, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                if (_step > 0 && _step != _checkpointedStep)
                {
                    Checkpoint(metrics);
                }

                return Record(TrainingState.Stopped);
            }

            return Record(TrainingState.Finished);
        }
        catch (Exception e)
        {
            TrainingRuns.WriteFailed(_folder, Describe(TrainingState.Failed), e);
            throw;
        }
    }

    private void Restore()
    {
        if (TrainingCheckpoint.List(_folder) is not [.., var last])
        {
            Tell("beginning", note: $"{_folder.Path} has no checkpoint yet: the training begins anew.");
            return;
        }

        var state = TrainingCheckpoint.Read(_folder, last, _origin, _weights);
        if (state.Step > _options.Steps)
        {
            throw new TrainingException($"The last checkpoint has {state.Step} steps, the configuration {_options.Steps}: give at least as many.");
        }

        (_step, _checkpointedStep, _skippedInARow) = (state.Step, state.Step, state.SkippedInARow);
        (_validatedStep, _sampledStep, _bestStep, _bestScore) = (state.ValidatedStep, state.SampledStep, state.BestStep, state.BestScore);
        _sums.Restore(state.Sums);
        Tell("beginning", note: $"Goes on after step {state.Step}.");
        TellChange("number of steps, and with it the step sizes to come,", state.Steps, _options.Steps);
        TellChange("device", state.Origin.Device, _origin.Device);
        TellChange("program's commit", state.Origin.Commit, _origin.Commit);

        // The kill came between the checkpoint and the model.
        if ((_bestStep == _step || _options.ValidateEvery == 0) && ExportedModel.StepOf(_folder) != _step)
        {
            Export();
        }
    }

    private void TellChange<T>(string what, T before, T now)
    {
        if (!EqualityComparer<T>.Default.Equals(before, now))
        {
            Tell("beginning", note: $"The {what} changed from {before} to {now}.");
        }
    }

    private void Loop(MetricsWriter metrics, CancellationToken cancellationToken)
    {
        while (true)
        {
            WriteLine(metrics);
            Validate(metrics, cancellationToken);
            DrawSamples(cancellationToken);
            if (IsDue(_options.CheckpointEvery) && _checkpointedStep != _step || _isNewBest)
            {
                Checkpoint(metrics);
            }

            if (_step == _options.Steps)
            {
                break;
            }

            cancellationToken.ThrowIfCancellationRequested();
            Step(cancellationToken);
        }

        if (_options.ValidateEvery > 0 && _bestStep is null)
        {
            throw new TrainingException("No validation gave a number, so that there is no best model; see the validation lines of the metrics.");
        }
    }

    // The last step is always due where there is an interval, and for checkpoints also without.
    private bool IsDue(long every) => _step > 0 && (every > 0 && _step % every == 0 || _step == _options.Steps);

    private void Step(CancellationToken cancellationToken)
    {
        var (begun, waited) = (_time.GetTimestamp(), _source.Waited);
        var parts = _source.Read(_step, cancellationToken);
        try
        {
            using var scope = NewDisposeScope();
            waited = _source.Waited - waited;
            var buffers = _task.Buffers.Select(b => (b.Tensor, Before: b.Tensor.detach().clone())).ToList();
            using var chance = StepChance.Begin(_options.Seed, _step, _task.Device);
            var figures = _task.Backward(parts, new StepContext(_step, _options.Steps, chance));
            var rate = _rates.At(_step);
            var norm = double.IsFinite(figures["loss"]) ? _weights.Update(rate) : double.NaN;
            if (double.IsFinite(norm))
            {
                TakeUpdate(figures, rate, norm);
            }
            else
            {
                Skip(figures["loss"], buffers);
            }
        }
        finally
        {
            foreach (var part in parts)
            {
                part.Dispose();
            }
        }

        _step++;
        _sums.Add(Images, parts.Sum(p => p.Count));
        _sums.Add(Waited, waited.TotalSeconds);
        _sums.Add(Seconds, _time.GetElapsedTime(begun).TotalSeconds);
        Tell("training");
        if (_skippedInARow == MostSkippedInARow)
        {
            throw new TrainingException(
                $"The gradients of the last {MostSkippedInARow} steps, up to step {_step}, were not finite: lower the rate, clip the gradients, or look at the data.");
        }

        if (_time.GetElapsedTime(_recorded) > Heartbeat)
        {
            Record(TrainingState.Running);
        }
    }

    private void TakeUpdate(IReadOnlyDictionary<string, double> figures, double rate, double norm)
    {
        using (no_grad())
        {
            _task.Updated();
        }

        _weights.TakeOver();
        _skippedInARow = 0;
        foreach (var (name, value) in figures)
        {
            _sums.Add(name, value);
        }

        _sums.Add("rate", rate);
        _sums.Add(GradientNorm, norm);
    }

    private void Skip(double loss, List<(Tensor Tensor, Tensor Before)> buffers)
    {
        using var guard = no_grad();
        _weights.DropGradients();
        foreach (var (tensor, before) in buffers)
        {
            tensor.copy_(before);
        }

        _skippedInARow++;
        _sums.Add(Skipped, 1);
        Tell("training", note: FormattableString.Invariant($"Step {_step} was skipped: its loss is {loss}, and not all its gradients are finite."));
    }

    private void WriteLine(MetricsWriter metrics)
    {
        if (_sums.IsEmpty || _step % _options.LogEvery != 0 && _step != _options.Steps)
        {
            return;
        }

        var figures = new SortedDictionary<string, double>(StringComparer.Ordinal)
        {
            ["loss"] = double.NaN, ["rate"] = _rates.At(_step - 1), [GradientNorm] = double.NaN,
            ["images_per_second"] = ImagesPerSecond(), ["waiting"] = Waiting(), ["seconds"] = _sums.Total(Seconds),
        };
        foreach (var name in _sums.Names.Where(n => n[0] != ':'))
        {
            figures[name] = _sums.Mean(name)!.Value;
        }

        if (_sums.Total(Skipped) > 0)
        {
            figures["skipped"] = _sums.Total(Skipped);
        }

        var line = new MetricsRecord(_step, _time.GetUtcNow(), Train, figures);
        metrics.Write(line);
        Tell("training", line);
        _sums.Clear();
    }

    private void Validate(MetricsWriter metrics, CancellationToken cancellationToken)
    {
        if (_options.ValidateEvery == 0 || !IsDue(_options.ValidateEvery) || _validatedStep == _step)
        {
            return;
        }

        Tell("validating");
        ValidationResult result;
        using (no_grad())
        using (NewDisposeScope())
        using (_weights.UseAverages())
        {
            result = _task.Validate(cancellationToken);
        }

        _validatedStep = _step;
        if (double.IsFinite(result.Score) && !(result.Score <= _bestScore))
        {
            (_bestStep, _bestScore, _isNewBest) = (_step, result.Score, true);
        }

        var figures = new SortedDictionary<string, double>(result.Figures.ToDictionary(), StringComparer.Ordinal) { ["score"] = result.Score };
        var line = new MetricsRecord(_step, _time.GetUtcNow(), Validation, figures);
        metrics.Write(line);
        Record(TrainingState.Running);
        Tell("training", line);
    }

    private void DrawSamples(CancellationToken cancellationToken)
    {
        if (_options.SamplesEvery == 0 || !IsDue(_options.SamplesEvery) || _sampledStep == _step)
        {
            return;
        }

        Tell("drawing samples");
        using (no_grad())
        using (NewDisposeScope())
        using (_weights.UseAverages())
        {
            _task.DrawSamples(_folder.Samples, _step, cancellationToken);
        }

        _sampledStep = _step;
    }

    private void Checkpoint(MetricsWriter metrics)
    {
        Tell("writing a checkpoint");
        metrics.Flush();
        var state = new CheckpointState(
            CheckpointState.CurrentVersion, _step, _options.Steps, _origin, _weights.Updates, _skippedInARow, _validatedStep, _sampledStep,
            _bestStep, _bestScore, _sums.Save());
        TrainingCheckpoint.Write(_folder, state, _weights, _options.Keep);
        (_checkpointedStep, _isNewBest) = (_step, false);
        if (_bestStep == _step || _options.ValidateEvery == 0)
        {
            Export();
        }

        Record(TrainingState.Running);
    }

    private void Export()
    {
        Tell("writing the model");
        using var scope = NewDisposeScope();
        new ExportedModel(_step, _bestScore, _origin).Write(_folder, _task.Export, _weights.CopyForExport());
    }

    private TrainingRun Record(TrainingState state)
    {
        var run = Describe(state);
        TrainingRuns.Write(_folder, run);
        _recorded = _time.GetTimestamp();
        return run;
    }

    private TrainingRun Describe(TrainingState state) => new(
        _origin.Kind, _folder.Name, state, _options.Steps, _step, _options.Seed, _origin.Device, _origin.DataDigest, _origin.Commit, _started,
        _time.GetUtcNow(), null, TrainingProcesses.Current, _bestStep, _bestScore);

    private double ImagesPerSecond() => _sums.Total(Seconds) is > 0 and var seconds ? _sums.Total(Images) / seconds : 0;

    private double Waiting() => _sums.Total(Seconds) is > 0 and var seconds ? Math.Clamp(_sums.Total(Waited) / seconds, 0, 1) : 0;

    private void Tell(string doing, MetricsRecord? line = null, string? note = null)
    {
        var done = _step - _firstStep;
        TimeSpan? left = done > 0 ? _time.GetElapsedTime(_begun) * ((double)(_options.Steps - _step) / done) : null;
        long? validation = _options.ValidateEvery == 0 ? null
            : Math.Min((_step / _options.ValidateEvery + 1) * _options.ValidateEvery, _options.Steps) - _step;
        _progress.Report(new TrainingProgress(
            _step, _options.Steps, doing, _sums.Mean("loss"), ImagesPerSecond(), Waiting(), left, validation, _bestScore, line, note));
    }

    private sealed class Silence : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
        }
    }
}
