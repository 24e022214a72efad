using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sightline.Models;
using Sightline.Models.Clip;
using Sightline.Training.Evaluation;
using Sightline.Training.Runs;

namespace Sightline.Training.Probe;

/// <summary>
/// <c>train probe</c>: a probe as a training with a folder of its own. A step is one strength of the penalty, fitted to its end and measured
/// on the validation split. <c>model/</c> holds <c>probe.safetensors</c> and <c>classes.json</c>. It takes minutes: one that was stopped is run
/// again from the start.
/// </summary>
public static class ProbeTraining
{
    private const string Kind = "probe";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <param name="embedder">The frozen model.</param>
    /// <param name="test">Pictures of their own to test on; null: held out of the data.</param>
    /// <param name="folder">Made where it is not there; must not hold a training yet.</param>
    /// <param name="config">The configuration's text, kept as it was given.</param>
    /// <exception cref="ArgumentException">The folder holds a training, an option is outside its range, or the data do not do.</exception>
    public static async Task<ProbeReport> RunAsync(
        IEmbedder embedder, EvaluationData data, EvaluationData? test, ProbeOptions options, ComputeOptions compute, RunFolder folder, string config,
        TimeProvider time, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        options.Check();
        if (File.Exists(folder.Run))
        {
            throw new ArgumentException($"{folder.Path} holds a training already.");
        }

        Directory.CreateDirectory(folder.Path);
        File.WriteAllText(folder.Config, config);
        var run = Begin(data, options, compute, folder, time.GetUtcNow());
        Write(folder, run);
        try
        {
            var (report, fit) = await ProbeEvaluation.FitAsync(embedder, data, test, options, compute, Tried, progress, cancellationToken);
            Append(folder, new MetricsRecord(run.Step, time.GetUtcNow(), "validation", Figures(report)));
            fit.Probe.Save(folder.Model, new ProbeClasses(embedder.Space.Model, embedder.Space.Digest, fit.Strength, data.Pictures.Labels));
            Write(folder, run with { State = TrainingState.Finished, Steps = run.Step, Updated = time.GetUtcNow() });
            return report;
        }
        catch (Exception e)
        {
            var state = e is OperationCanceledException ? TrainingState.Stopped : TrainingState.Failed;
            Write(folder, run with { State = state, Error = e is OperationCanceledException ? null : e.Message, Updated = time.GetUtcNow() });
            throw;
        }

        void Tried(SweepPoint point)
        {
            var now = time.GetUtcNow();
            run = run with { Step = run.Step + 1, Updated = now };
            if (run.BestScore is not { } best || point.Score > best)
            {
                run = run with { BestStep = run.Step, BestScore = point.Score };
            }

            Append(folder, new MetricsRecord(
                run.Step, now, "validation", new Dictionary<string, double> { ["strength"] = point.Strength, ["accuracy"] = point.Score }));
            Write(folder, run);
        }
    }

    /// <summary>Reads <c>held_out</c>, <c>shots</c>, <c>draws</c> and <c>seed</c>.</summary>
    internal static ProbeOptions ReadOptions(ConfigSection config)
    {
        var shots = config.Texts("shots");
        return new ProbeOptions(
            config.Number("held_out", ProbeOptions.Default.Share, 0.001, 0.9),
            shots.Count == 0 ? ProbeOptions.Default.Shots : [.. shots.Select(s => int.TryParse(s, out var n) && n > 0
                ? n : throw config.Wrong("shots", $"is a list of whole numbers above 0, and {s} is none"))],
            (int)config.Integer("draws", ProbeOptions.Default.Draws, 1, 1000), config.Integer("seed", 0, 0, int.MaxValue));
    }

    private static TrainingRun Begin(EvaluationData data, ProbeOptions options, ComputeOptions compute, RunFolder folder, DateTimeOffset now)
    {
        // Field 22 of the line; the name before it, in brackets, may hold spaces.
        var status = File.ReadAllText("/proc/self/stat");
        var ticks = long.Parse(status[(status.LastIndexOf(')') + 2)..].Split(' ')[19], System.Globalization.CultureInfo.InvariantCulture);
        var version = typeof(ProbeTraining).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        return new TrainingRun(
            Kind, folder.Name, TrainingState.Running, StrengthSweep.MostPoints, 0, options.Seed, $"{compute.Resolve().Device}, fp64", data.Digest,
            version[(version.IndexOf('+', StringComparison.Ordinal) + 1)..], now, now, null, new TrainingProcess(Environment.ProcessId, ticks), null, null);
    }

    private static Dictionary<string, double> Figures(ProbeReport report)
    {
        var figures = new Dictionary<string, double>
        {
            ["strength"] = report.Strength, ["test_accuracy"] = report.Top1.Share, ["test_mean_per_class"] = report.MeanPerClass,
        };
        foreach (var few in report.FewShot)
        {
            figures[$"test_accuracy_{few.Shots}_shot"] = few.Mean;
        }

        return figures;
    }

    private static void Append(RunFolder folder, MetricsRecord record) =>
        File.AppendAllText(folder.Metrics, JsonSerializer.Serialize(record, Json) + "\n");

    private static void Write(RunFolder folder, TrainingRun run)
    {
        var temporary = folder.Run + ".tmp";
        File.WriteAllText(temporary, JsonSerializer.Serialize(run, Json));
        File.Move(temporary, folder.Run, overwrite: true);
    }
}
