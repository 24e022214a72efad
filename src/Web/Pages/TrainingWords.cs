using System.Globalization;
using Sightline.Training.Runs;

namespace Sightline.Web.Pages;

/// <summary>How a training is told.</summary>
internal static class TrainingWords
{
    /// <summary>How it stands, in a sentence.</summary>
    internal static string Summary(TrainingRun run, TrainingPace? pace, TimeSpan? left)
    {
        var steps = string.Create(CultureInfo.InvariantCulture, $"{run.Step:N0} of {run.Steps:N0} steps");
        return run.State switch
        {
            TrainingState.Running => string.Join(", ", new[]
            {
                $"Runs on {run.Device}: {steps} done",
                pace is null ? null : $"{Rate(pace.StepsPerSecond)} lately",
                left is { } time ? $"{Duration(time)} left" : null,
            }.OfType<string>()) + ".",
            TrainingState.Finished => $"Finished after {steps}.",
            TrainingState.Failed => $"Failed after {steps}.",
            _ => run.Error is null ? $"Stopped after {steps}, as it was asked to." : $"Stopped after {steps}.",
        };
    }

    internal static string Duration(TimeSpan time) => time.TotalSeconds < 90 ? Number(Math.Ceiling(time.TotalSeconds), "s")
        : time.TotalSeconds < 5400 ? Number(Math.Ceiling(time.TotalMinutes), "min")
        : time.TotalHours < 48 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.0} h")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0.0} days");

    /// <summary>What to type so that it goes on from its last checkpoint.</summary>
    internal static string ResumeCommand(RunFolder folder, string kind) => $"./sightline train {kind} --config CONFIG.yaml --out {Quoted(folder.Path)} --resume";

    internal static string Score(double? score) => score?.ToString("0.####", CultureInfo.InvariantCulture) ?? "";

    internal static string Moment(DateTimeOffset time) => time.UtcDateTime.ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture);

    // Whatever a shell would take for something else goes in single quotes.
    private static string Quoted(string path) =>
        path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_') ? path : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Rate(double stepsPerSecond) => stepsPerSecond >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{stepsPerSecond:0.0} steps a second")
        : string.Create(CultureInfo.InvariantCulture, $"{60 * stepsPerSecond:0.0} steps a minute");

    private static string Number(double number, string unit) => string.Create(CultureInfo.InvariantCulture, $"{number:0} {unit}");
}
