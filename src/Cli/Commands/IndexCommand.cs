using System.CommandLine;
using Sightline.Cli.Host;
using Sightline.Search;
using Sightline.Web.Api;

namespace Sightline.Cli.Commands;

/// <summary><c>index FOLDER</c>: adds a folder, or looks for what changed in it.</summary>
internal static class IndexCommand
{
    internal static Option<string[]?> ExcludeOption() => new("--exclude")
    {
        Description = "Pattern of what is passed over, such as '**/cache/**' or '*.tmp.jpg'; may be repeated. Kept for the folder.",
        AllowMultipleArgumentsPerToken = false,
    };

    internal static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "The folder of pictures." };
        var exclude = ExcludeOption();
        var report = new Option<bool>("--report") { Description = "List the files that gave no picture, and why; index nothing." };
        var command = new Command("index", "Index a folder of pictures; again: what has changed.") { folder, exclude, report };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            CommonOptions.Read(parsed), parsed.GetValue(folder)!, parsed.GetValue(exclude), parsed.GetValue(report), cancellationToken));
        return command;
    }

    /// <summary>Starts a job, follows it and says how it ended.</summary>
    /// <param name="cancels">A command that is stopped stops its job; what it has stored stays. Otherwise the job goes on, or is handed back
    /// by the server that stops.</param>
    internal static async Task<JobDto> IndexAsync(
        Session session, string folder, string[]? exclude, bool cancels, CommonOptions options, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(folder);
        if (!Directory.Exists(path))
        {
            throw new CommandException($"There is no folder {path}.");
        }

        var request = new JobRequest(IndexRequest.Kind, path, exclude is { Length: > 0 } ? exclude : null);
        return await RunJobAsync(session, request, cancels, options, cancellationToken);
    }

    /// <summary>Starts a job and follows it to its end.</summary>
    internal static async Task<JobDto> RunJobAsync(
        Session session, JobRequest request, bool cancels, CommonOptions options, CancellationToken cancellationToken)
    {
        var job = await session.PostAsync<JobDto>("/api/jobs", request, cancellationToken);
        return await FollowAsync(session, job, cancels, options, cancellationToken);
    }

    /// <summary>Follows a job to its end and says how it ended.</summary>
    internal static async Task<JobDto> FollowAsync(
        Session session, JobDto job, bool cancels, CommonOptions options, CancellationToken cancellationToken)
    {
        try
        {
            job = await JobProgressBar.FollowAsync(session, job.Id, options.Json, cancellationToken);
        }
        catch (OperationCanceledException) when (cancels)
        {
            await CancelAsync(session, job.Id);
            throw;
        }

        if (!options.Json)
        {
            await Console.Error.WriteLineAsync(job.Error ?? job.Summary ?? job.State.ToString());
        }

        return job;
    }

    private static async Task<int> RunAsync(CommonOptions options, string folder, string[]? exclude, bool report,
        CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenAsync(options, cancellationToken);
        if (report)
        {
            var faults = await session.GetAsync<List<FaultDto>>($"/api/faults?folder={Uri.EscapeDataString(Path.GetFullPath(folder))}",
                cancellationToken);
            Report(faults, options.Json);
            return 0;
        }

        var job = await IndexAsync(session, folder, exclude, cancels: true, options, cancellationToken);
        if (options.Json)
        {
            Output.Json(job);
        }
        else if (job.Progress.Failed > 0)
        {
            await Console.Error.WriteLineAsync($"{job.Progress.Failed} files gave no picture: sightline index {folder} --report says why.");
        }

        return job.State == JobState.Succeeded ? 0 : 1;
    }

    private static void Report(List<FaultDto> faults, bool json)
    {
        if (json)
        {
            Output.Json(faults);
            return;
        }

        foreach (var group in faults.GroupBy(f => f.Reason).OrderByDescending(g => g.Count()))
        {
            Console.Out.WriteLine($"{group.Key}: {group.Count()}");
        }

        Output.Table(["File", "Reason", "What happened"], faults.Select(f => new[] { f.Path, f.Reason, f.Detail }));
    }

    // The command's own token has fired; the job must still be told.
    private static async Task CancelAsync(Session session, long job)
    {
        try
        {
            await session.PostAsync<object?>($"/api/jobs/{job}/cancel", new { }, CancellationToken.None);
        }
        catch (Exception e) when (e is HttpRequestException or CommandException or System.Text.Json.JsonException)
        {
            // It has ended meanwhile, or the daemon stops too and hands the job back.
            await Console.Error.WriteLineAsync($"Job {job} was not told to stop: {e.Message}");
        }
    }
}
