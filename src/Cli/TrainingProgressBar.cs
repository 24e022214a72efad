using System.Globalization;
using System.Text.Json;
using Sightline.Training;
using Sightline.Training.Runs;
using Sightline.Web.Api;
using Spectre.Console;

namespace Sightline.Cli;

/// <summary>Follows a training: a bar in a terminal, now and then a line elsewhere, or its metrics as JSON lines.</summary>
internal static class TrainingProgressBar
{
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(10);

    /// <summary>Trains on a thread of its own.</summary>
    internal static Task<TrainingRun> FollowAsync(Func<IProgress<TrainingProgress>, TrainingRun> train, bool json)
    {
        if (!json && !Console.IsErrorRedirected)
        {
            return BarAsync(train);
        }

        return OnOwnThread(() => train(json ? new Follower(PrintJson) : new Follower(Lines())));
    }

    /// <summary>How it ended, on standard output.</summary>
    internal static void Print(TrainingRun run, RunFolder folder, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(run, ApiJson.Options));
            return;
        }

        var best = run.BestStep is { } step ? string.Create(CultureInfo.InvariantCulture, $"; best after step {step:N0}, score {run.BestScore:G4}") : "";
        Console.Out.WriteLine(run.State == TrainingState.Finished
            ? string.Create(CultureInfo.InvariantCulture, $"All {run.Steps:N0} steps are done{best}. The model: {folder.Model}")
            : string.Create(CultureInfo.InvariantCulture, $"Stopped after step {run.Step:N0} of {run.Steps:N0}{best}; --resume goes on."));
    }

    /// <summary>Such as <c>step 120 of 5,000, loss 3.214, 812 images/s, 1 % waiting, 45 min left, validation in 80 steps</c>.</summary>
    internal static string Describe(TrainingProgress progress)
    {
        if (progress.Steps == 0)
        {
            return progress.Doing;
        }

        var parts = new List<string> { string.Create(CultureInfo.InvariantCulture, $"step {progress.Step:N0} of {progress.Steps:N0}") };
        if (progress.Loss is { } loss)
        {
            parts.Add(string.Create(
                CultureInfo.InvariantCulture, $"loss {loss:G4}, {progress.ImagesPerSecond:N0} images/s, {progress.Waiting * 100:F0} % waiting"));
        }

        if (progress.Left is { } left)
        {
            parts.Add($"{JobProgressBar.Duration(left.TotalSeconds)} left");
        }

        parts.Add(progress.Doing != "training" ? progress.Doing
            : progress.NextValidation is { } next ? string.Create(CultureInfo.InvariantCulture, $"validation in {next:N0} steps") : "training");
        return string.Join(", ", parts);
    }

    /// <summary>A validation, such as <c>validation after step 500: loss 2.1, recall_at_1 0.31</c>. Parts of a figure, such as a mean's
    /// <c>recall_at_1_de</c>, are left to the metrics.</summary>
    internal static string Describe(MetricsRecord line)
    {
        var figures = line.Figures.Where(f => f.Key.LastIndexOf('_') is var end && (end < 0 || !line.Figures.ContainsKey(f.Key[..end])))
            .Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Key} {f.Value:G4}"));
        return string.Create(CultureInfo.InvariantCulture, $"{line.Kind} after step {line.Step:N0}: {string.Join(", ", figures)}");
    }

    private static Task<TrainingRun> OnOwnThread(Func<TrainingRun> train) =>
        Task.Factory.StartNew(train, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void PrintJson(TrainingProgress progress)
    {
        if (progress.Line is { } line)
        {
            Console.Out.WriteLine(line.ToJson());
        }

        if (progress.Note is { } note)
        {
            Console.Error.WriteLine(note);
        }
    }

    private static Action<TrainingProgress> Lines()
    {
        var (last, doing) = (TimeProvider.System.GetTimestamp(), "");
        return progress =>
        {
            if (News(progress) is { } news)
            {
                Console.Error.WriteLine(news);
            }
            else if (progress.Steps == 0 && progress.Doing != doing || TimeProvider.System.GetElapsedTime(last) >= LineEvery)
            {
                (last, doing) = (TimeProvider.System.GetTimestamp(), progress.Doing);
                Console.Error.WriteLine(Describe(progress));
            }
        };
    }

    private static string? News(TrainingProgress progress) =>
        progress.Note ?? (progress.Line is { Kind: not "train" } line ? Describe(line) : null);

    private static Task<TrainingRun> BarAsync(Func<IProgress<TrainingProgress>, TrainingRun> train)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress().HideCompleted(false).AutoClear(true)
            .Columns(new ProgressBarColumn { Width = 30 }, new PercentageColumn(), new JobProgressBar.FactsColumn())
            .StartAsync(context =>
            {
                var bar = context.AddTask("starting", maxValue: 1);
                return OnOwnThread(() => train(new Follower(progress =>
                {
                    bar.IsIndeterminate = progress.Steps == 0;
                    bar.MaxValue = Math.Max(1, progress.Steps);
                    bar.Value = progress.Step;
                    bar.Description = Describe(progress);
                    if (News(progress) is { } news)
                    {
                        console.WriteLine(news);
                    }
                })));
            });
    }

    private sealed class Follower(Action<TrainingProgress> follow) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => follow(value);
    }
}
