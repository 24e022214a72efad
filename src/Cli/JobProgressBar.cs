using System.Globalization;
using Sightline.Cli.Host;
using Sightline.Search;
using Sightline.Web.Api;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Sightline.Cli;

/// <summary>Follows a job to its end: a bar in a terminal, now and then a line elsewhere.</summary>
internal static class JobProgressBar
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(10);

    internal static async Task<JobDto> FollowAsync(Session session, long job, bool quiet, CancellationToken cancellationToken) =>
        quiet ? await WaitAsync(session, job, _ => { }, cancellationToken)
        : Console.IsErrorRedirected ? await WaitAsync(session, job, Lines(), cancellationToken)
        : await BarAsync(session, job, cancellationToken);

    /// <summary>Such as <c>1,200 of 5,000 files, 85 images/s, 45 s left, 3 failed</c>.</summary>
    internal static string Describe(JobProgress progress)
    {
        // Images are counted as the files that they are found in.
        var items = progress.Unit == "images" ? "files" : progress.Unit;
        var parts = new List<string>
        {
            progress.Total is { } total
                ? string.Create(CultureInfo.InvariantCulture, $"{progress.Done:N0} of {total:N0} {items}")
                : string.Create(CultureInfo.InvariantCulture, $"{progress.Done:N0} {items} so far"),
            string.Create(CultureInfo.InvariantCulture, $"{progress.Rate:N0} {progress.Unit}/s"),
        };
        if (progress.SecondsLeft is { } left)
        {
            parts.Add($"{Duration(left)} left");
        }

        if (progress.Failed > 0)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{progress.Failed:N0} failed"));
        }

        return string.Join(", ", parts);
    }

    internal static bool HasEnded(JobDto job) => job.State is not (JobState.Queued or JobState.Running);

    internal static string Duration(double seconds) => seconds < 90
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(seconds):F0} s")
        : seconds < 5400
            ? string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(seconds / 60):F0} min")
            : string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:F1} h");

    private static async Task<JobDto> WaitAsync(Session session, long id, Action<JobProgress> show, CancellationToken cancellationToken)
    {
        while (true)
        {
            var job = await session.GetAsync<JobDto>($"/api/jobs/{id}", cancellationToken);
            if (HasEnded(job))
            {
                return job;
            }

            show(job.Progress);
            await Task.Delay(Poll, cancellationToken);
        }
    }

    private static Action<JobProgress> Lines()
    {
        var started = TimeProvider.System.GetTimestamp();
        return progress =>
        {
            if (TimeProvider.System.GetElapsedTime(started) >= LineEvery)
            {
                started = TimeProvider.System.GetTimestamp();
                Console.Error.WriteLine(Describe(progress));
            }
        };
    }

    private static Task<JobDto> BarAsync(Session session, long job, CancellationToken cancellationToken)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress().HideCompleted(false).AutoClear(true)
            .Columns(new ProgressBarColumn { Width = 30 }, new PercentageColumn(), new FactsColumn())
            .StartAsync(context =>
            {
                var task = context.AddTask("starting", maxValue: 1);
                return WaitAsync(session, job, progress =>
                {
                    task.IsIndeterminate = progress.Total is null;
                    task.MaxValue = Math.Max(1, progress.Total ?? 1);
                    task.Value = progress.Total is null ? 0 : progress.Done;
                    task.Description = Describe(progress);
                }, cancellationToken);
            });
    }

    internal sealed class FactsColumn : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(task.Description);
    }
}
