using Sightline.Models.Weights;
using Sightline.TestKit;
using Sightline.Training.Data;
using Sightline.Training.Runs;
using Sightline.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Tests.Steps;

public sealed class TrainerTests : IDisposable
{
    private static readonly TrainerOptions Options = new(
        Steps: 40, Seed: 0, TinyTraining.Defaults.Optimizer, EmaDecay: 0.9, ValidateEvery: 10, CheckpointEvery: 10, Keep: 2, LogEvery: 4, SamplesEvery: 20);

    private static readonly TrainingOrigin Origin = new("tiny", 0, "config", "data", "commit", "cpu, fp32");

    private readonly TemporaryFolder _folder = new();

    private RunFolder Run => new(_folder.PathOf("run"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Loss_falls_and_the_folder_tells_of_it()
    {
        using var task = new TinyTask();
        var notes = new Notes();

        var run = Train(task, Options with { Steps = 120 }, notes: notes);

        Assert.Equal((TrainingState.Finished, 120, 120), (run.State, run.Step, run.Steps));
        Assert.Equal(run, TrainingRuns.Read(Run));
        var records = MetricsReader.Read(Run.Metrics, 0, default).Records;
        var train = records.Where(r => r.Kind == "train").ToList();
        Assert.Equal(Enumerable.Range(1, 30).Select(i => i * 4L), train.Select(r => r.Step));
        Assert.True(train[^1].Figures["loss"] < 0.7 * train[0].Figures["loss"], $"{train[0].Figures["loss"]} to {train[^1].Figures["loss"]}");
        Assert.All(train, r => Assert.Superset(
            new HashSet<string> { "loss", "accuracy", "rate", "gradient_norm", "images_per_second", "waiting", "seconds" }, r.Figures.Keys.ToHashSet()));
        Assert.All(train, r => Assert.InRange(r.Figures["waiting"], double.Epsilon, 1));

        // The mean of four steps' rates.
        var rates = new RateSchedule(Options.Optimizer, 120);
        Assert.Equal(Enumerable.Range(40, 4).Average(s => rates.At(s)), train[10].Figures["rate"], 12);
        Assert.Equal(Enumerable.Range(1, 12).Select(i => i * 10L), records.Where(r => r.Kind == "validation").Select(r => r.Step));
        Assert.Equal(run.BestScore, records.Where(r => r.Kind == "validation").Max(r => r.Figures["score"]));
        Assert.Equal([20L, 40, 60, 80, 100, 120], Samples());
        Assert.Equal(Enumerable.Range(1, 120), notes.All.Where(p => p.Doing == "training" && p.Line is null).Select(p => (int)p.Step));
        Assert.Contains(notes.All, p => p is { Step: 101, NextValidation: 9, Left: not null, Loss: not null });
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1)]
    [InlineData(ScalarType.Float32, 4)]
    [InlineData(ScalarType.BFloat16, 2)]
    public void A_training_stopped_and_resumed_is_bit_for_bit_one_that_ran_through(ScalarType type, int parts)
    {
        using (var task = new TinyTask(type))
        {
            Train(task, Options, source: new TinySource(8, parts));
        }

        var straight = new RunFolder(_folder.PathOf("straight"));
        Directory.Move(Run.Path, straight.Path);

        // Stopped in the middle of lines of metrics, between checkpoints, and while it validates; each time another process would go on.
        foreach (var stop in new[] { 7, 13, 20, 26 })
        {
            using var task = new TinyTask(type);
            using var cancellation = new CancellationTokenSource();
            var run = Train(task, Options, new TinySource(8, parts), resumes: stop != 7, cancellationToken: cancellation.Token, notes: new Notes(p =>
            {
                if (p.Step == stop && (p.Doing == "validating") == (stop == 20))
                {
                    cancellation.Cancel();
                }
            }));
            Assert.Equal((TrainingState.Stopped, stop), (run.State, run.Step));
        }

        using (var task = new TinyTask(type))
        using (var source = new TinySource(8, parts))
        {
            Train(task, Options, source, resumes: true);
            Assert.Equal(Enumerable.Range(26, 14).Select(s => (long)s), source.Asked);
        }

        AssertSame(straight, Run, 40);
    }

    [Fact]
    public void Gradients_of_parts_add_up_to_those_of_the_whole_batch()
    {
        var masters = new List<float[]>();
        foreach (var parts in new[] { 1, 4 })
        {
            using var task = new TinyTask { Noise = 0 };

            // The same eight pictures in one part and in four.
            using var source = new SplitSource(parts);
            Train(task, Options with { Steps = 10, ValidateEvery = 0 }, source);
            using var checkpoint = Checkpoint.Open(Path.Combine(Run.Checkpoints, "step-00000010", "weights.safetensors"));
            masters.Add(checkpoint.Tensors["weights.kernel"].ReadFloats());
            Directory.Delete(Run.Path, recursive: true);
        }

        Assert.Equal(masters[0], masters[1], (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Fact]
    public void A_step_without_finite_gradients_is_skipped_and_counted()
    {
        using var task = new TinyTask { Breaks = step => step == 5, Overflows = step => step is 6 or 9 };
        var notes = new Notes();

        Train(task, Options, notes: notes);

        Assert.Equal(3, notes.Sentences.Count(n => n.Contains("was skipped", StringComparison.Ordinal)));
        Assert.StartsWith("Step 5 was skipped: its loss is NaN", notes.Sentences.First());
        var lines = MetricsReader.Read(Run.Metrics, 0, default).Records.Where(r => r.Kind == "train").ToList();
        Assert.Equal([2, 1], lines.Where(l => l.Figures.ContainsKey("skipped")).Select(l => l.Figures["skipped"]));
        Assert.All(lines, l => Assert.True(double.IsFinite(l.Figures["loss"])));
        using var checkpoint = Checkpoint.Open(Path.Combine(Run.Checkpoints, "step-00000040", "weights.safetensors"));
        Assert.All(checkpoint.Tensors["buffers.mean"].ReadFloats(), m => Assert.True(float.IsFinite(m)));
        Assert.Equal([37L * 8], checkpoint.Tensors["buffers.count"].ReadIntegers());
    }

    [Fact]
    public void Too_many_steps_without_finite_gradients_end_a_training_and_its_last_checkpoint_stays()
    {
        using var task = new TinyTask { Overflows = step => step >= 15 };

        var e = Assert.Throws<TrainingException>(() => Train(task, Options));

        Assert.Contains("The gradients of the last 10 steps, up to step 25, were not finite: lower the rate", e.Message);
        var run = TrainingRuns.Read(Run);
        Assert.Equal((TrainingState.Failed, e.Message), (run.State, run.Error));
        Assert.Equal([10L, 20], TrainingCheckpoint.List(Run));
    }

    [Fact]
    public void The_last_checkpoints_and_the_best_are_kept_and_the_model_is_the_best()
    {
        double[] scores = [0.1, 0.9, 0.3, double.NaN, 0.9, 0.2];
        var validations = 0;
        using var task = new TinyTask { Score = () => scores[validations++] };

        var run = Train(task, Options with { Steps = 60 });

        Assert.Equal((20L, 0.9), (run.BestStep!.Value, run.BestScore!.Value));
        Assert.Equal([20L, 50, 60], TrainingCheckpoint.List(Run));
        Assert.Equal(20, ExportedModel.StepOf(Run));
        Assert.Equal(["model.safetensors", "training.json"], Directory.GetFiles(Run.Model).Select(f => Path.GetFileName(f)).Order());
        using var model = Checkpoint.Open(Path.Combine(Run.Model, "model.safetensors"));
        using var best = Checkpoint.Open(Path.Combine(Run.Checkpoints, "step-00000020", "weights.safetensors"));
        foreach (var name in new[] { "kernel", "bias", "matrix", "temperature" })
        {
            Assert.Equal(best.Tensors["averages." + name].ReadFloats(), model.Tensors[name].ReadFloats());
        }

        Assert.Equal(best.Tensors["buffers.mean"].ReadFloats(), model.Tensors["mean"].ReadFloats());
        Assert.Equal(best.Tensors["buffers.count"].ReadIntegers(), model.Tensors["count"].ReadIntegers());
    }

    [Fact]
    public void Without_validation_the_model_is_that_of_the_last_checkpoint()
    {
        using var task = new TinyTask();

        var run = Train(task, Options with { ValidateEvery = 0, EmaDecay = 0, CheckpointEvery = 0 });

        Assert.Null(run.BestStep);
        Assert.Equal(0, task.Validations);
        Assert.Equal([40L], TrainingCheckpoint.List(Run));
        using var model = Checkpoint.Open(Path.Combine(Run.Model, "model.safetensors"));
        using var last = Checkpoint.Open(Path.Combine(Run.Checkpoints, "step-00000040", "weights.safetensors"));
        Assert.Equal(last.Tensors["weights.kernel"].ReadFloats(), model.Tensors["kernel"].ReadFloats());
        Assert.DoesNotContain(last.Tensors.Keys, k => k.StartsWith("averages.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_training_whose_validations_give_no_number_fails()
    {
        using var task = new TinyTask { Score = () => double.NaN };

        Assert.Contains("No validation gave a number", Assert.Throws<TrainingException>(() => Train(task, Options)).Message);
        Assert.Equal(TrainingState.Failed, TrainingRuns.Read(Run).State);
    }

    [Fact]
    public void An_error_of_the_task_is_told_and_the_training_can_be_resumed()
    {
        using (var task = new TinyTask { DuringValidation = () => throw new InvalidOperationException("no more memory") })
        {
            Assert.Throws<InvalidOperationException>(() => Train(task, Options with { CheckpointEvery = 5 }));
        }

        Assert.Equal((TrainingState.Failed, "no more memory", 10), (TrainingRuns.Read(Run).State, TrainingRuns.Read(Run).Error, TrainingRuns.Read(Run).Step));
        using var again = new TinyTask();
        Assert.Equal(TrainingState.Finished, Train(again, Options with { CheckpointEvery = 5 }, resumes: true).State);
        Assert.Equal([10L, 20, 30, 40], MetricsReader.Read(Run.Metrics, 0, default).Records.Where(r => r.Kind == "validation").Select(r => r.Step));
    }

    [Theory]
    [InlineData("weights.safetensors", "weights.safetensors is not what was written")]
    [InlineData("optimizer.bin", "optimizer.bin is not what was written")]
    [InlineData("state.json", "state.json is not what was written")]
    [InlineData("SHA256SUMS", "has no line for weights.safetensors")]
    public void A_damaged_checkpoint_is_refused(string file, string message)
    {
        using (var task = new TinyTask())
        {
            Train(task, Options with { Steps = 20 });
        }

        var path = Path.Combine(Run.Checkpoints, "step-00000020", file);
        var bytes = File.ReadAllBytes(path);
        bytes[file == "SHA256SUMS" ? bytes.AsSpan().IndexOf("weights"u8) : bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
        AssertRefused(Options with { Steps = 20 }, Origin, message);
        File.Delete(path);
        AssertRefused(Options with { Steps = 20 }, Origin, $"{file} is missing");

        // As the message says.
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        using var again = new TinyTask();
        Assert.Equal(TrainingState.Finished, Train(again, Options with { Steps = 20 }, resumes: true).State);
    }

    [Fact]
    public void A_checkpoint_of_another_training_is_refused_and_more_steps_are_told()
    {
        using (var task = new TinyTask())
        {
            Train(task, Options with { Steps = 20 });
        }

        AssertRefused(Options, Origin with { ConfigDigest = "another" }, "its configuration was another");
        AssertRefused(Options, Origin with { DataDigest = "another" }, "its data had the digest data, not another");
        AssertRefused(Options, Origin with { Seed = 1 }, "its seed is 0, not 1");
        AssertRefused(Options, Origin with { Kind = "clip" }, "it is of a tiny, not of a clip");
        AssertRefused(Options with { Steps = 19 }, Origin, "The last checkpoint has 20 steps, the configuration 19");
        AssertRefused(Options with { EmaDecay = 0 }, Origin, "averages.bias is unknown");
        using var again = new TinyTask();
        var notes = new Notes();
        Assert.Equal(40, Train(again, Options, resumes: true, notes: notes, origin: Origin with { Device = "cuda:0, bf16" }).Step);
        Assert.Equal(
            ["Goes on after step 20.", "The number of steps, and with it the step sizes to come, changed from 20 to 40.",
                "The device changed from cpu, fp32 to cuda:0, bf16."],
            notes.Sentences);
    }

    [Fact]
    public void A_finished_training_that_is_resumed_has_nothing_to_do()
    {
        using (var task = new TinyTask())
        {
            Train(task, Options);
        }

        using var again = new TinyTask();
        using var source = new TinySource();

        var run = Train(again, Options, source, resumes: true);

        Assert.Equal((TrainingState.Finished, 40), (run.State, run.Step));
        Assert.Empty(source.Asked);
        Assert.Equal(0, again.Validations);
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var task = new TinyTask(ScalarType.BFloat16) { Breaks = step => step == 3 })
        {
            Train(task, Options);
        }

        using (var task = new TinyTask(ScalarType.BFloat16))
        {
            Train(task, Options, resumes: true);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    /// <summary>Weights, averages, optimizer, samples and metrics of two runs, but for their times.</summary>
    internal static void AssertSame(RunFolder one, RunFolder other, long step)
    {
        Assert.Equal(TrainingCheckpoint.List(one), TrainingCheckpoint.List(other));
        foreach (var file in new[] { "weights.safetensors", "optimizer.bin" })
        {
            var name = Path.Combine($"step-{step:D8}", file);
            Assert.Equal(File.ReadAllBytes(Path.Combine(one.Checkpoints, name)), File.ReadAllBytes(Path.Combine(other.Checkpoints, name)));
        }

        Assert.Equal(
            File.ReadAllBytes(Path.Combine(one.Model, "model.safetensors")), File.ReadAllBytes(Path.Combine(other.Model, "model.safetensors")));
        Assert.Equal(Tell(one), Tell(other));
        Assert.Equal(TrainingRuns.Read(one).BestScore, TrainingRuns.Read(other).BestScore);

        static IEnumerable<string> Tell(RunFolder run) => MetricsReader.Read(run.Metrics, 0, default).Records.OrderBy(r => r.Step).ThenBy(r => r.Kind, StringComparer.Ordinal).Select(r =>
            $"{r.Step} {r.Kind} " + string.Join(" ", r.Figures.Where(f => f.Key is not ("images_per_second" or "waiting" or "seconds"))
                .Select(f => FormattableString.Invariant($"{f.Key}={f.Value:R}"))));
    }

    private void AssertRefused(TrainerOptions options, TrainingOrigin origin, string message)
    {
        using var task = new TinyTask();
        var before = File.ReadAllText(Run.Run);
        var e = Assert.Throws<TrainingException>(() => Train(task, options, resumes: true, origin: origin));
        Assert.Contains(message, e.Message);
        Assert.Equal(before, File.ReadAllText(Run.Run));
    }

    private IEnumerable<long> Samples() =>
        Directory.GetFiles(Run.Samples).Select(f => long.Parse(Path.GetFileNameWithoutExtension(f)["step-".Length..])).Order();

    private TrainingRun Train(
        TinyTask task, TrainerOptions options, IBatchSource? source = null, bool resumes = false, Notes? notes = null, TrainingOrigin? origin = null,
        CancellationToken cancellationToken = default)
    {
        using var run = RunLock.Take(Run);
        using var trainer = new Trainer(task, source ?? new TinySource(), run, options, origin ?? Origin, "steps: 40", TimeProvider.System);
        return resumes ? trainer.Resume(notes ?? new Notes(), cancellationToken) : trainer.Run(notes ?? new Notes(), cancellationToken);
    }

    private sealed class SplitSource(int parts) : IBatchSource
    {
        public int BatchSize => 8;

        public long StepsPerEpoch => 10;

        public TimeSpan Waited => TimeSpan.Zero;

        public IReadOnlyList<TrainingBatch> Read(long step, CancellationToken cancellationToken)
        {
            using var whole = TinySource.Batch(0, step, 0, 8);
            var count = 8 / parts;
            return [.. Enumerable.Range(0, parts).Select(p => new TrainingBatch(
                whole.Pixels.narrow(0, p * count, count).clone(), whole.Captions[..count], whole.Samples[..count], whole.Labels[(p * count)..][..count]))];
        }

        public void Dispose()
        {
        }
    }
}
