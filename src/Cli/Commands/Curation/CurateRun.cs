using System.CommandLine;
using Sightline.Cli.Host;
using Sightline.Search;
using Sightline.Web.Api;

namespace Sightline.Cli.Commands;

/// <summary><c>curate run DATASET --recipe FILE | --preset NAME</c>.</summary>
internal static class CurateRun
{
    internal static Command Create()
    {
        var dataset = CurateCommand.DatasetArgument();
        var recipe = new Option<FileInfo>("--recipe") { Description = "A file with a recipe, YAML or JSON." };
        var preset = new Option<string>("--preset") { Description = "A published recipe, see: sightline curate presets." };
        var dry = new Option<bool>("--dry-run") { Description = "Say at once what it would keep, from all pairs of a small dataset, or from every n-th of a large one and without filters of groups." };
        var command = new Command("run", "Run a recipe over a dataset; every dropped pair is stored with its reason.") { dataset, recipe, preset, dry };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            var (text, folder) = await ReadAsync(parsed.GetValue(recipe), parsed.GetValue(preset), cancellationToken);
            await using var session = await Session.OpenAsync(options, cancellationToken);
            if (parsed.GetValue(dry))
            {
                var preview = await session.PostAsync<PreviewResponse>(
                    $"{CurateCommand.PathOf(parsed.GetValue(dataset)!)}/preview", new PreviewRequest(text, Folder: folder), cancellationToken);
                CurateReport.Print(preview, options.Json);
                return 0;
            }

            var run = await session.PostAsync<RunDto>("/api/curation/runs", new RunRequest(parsed.GetValue(dataset)!, text, folder), cancellationToken);
            var job = await IndexCommand.FollowAsync(session, run.Job!, cancels: true, options, cancellationToken);
            if (job.State == JobState.Succeeded)
            {
                CurateReport.Print(await session.GetAsync<RunDto>($"/api/curation/runs/{run.Id}", cancellationToken), options.Json);
            }

            return CurateCommand.ExitCode(job);
        });
        return command;
    }

    private static async Task<(string Recipe, string Folder)> ReadAsync(FileInfo? file, string? preset, CancellationToken cancellationToken)
    {
        if ((file is null) == (preset is null))
        {
            throw new CommandException("Give a recipe: --recipe FILE, or --preset NAME.");
        }

        return file is null
            ? ($"preset: {preset}", Environment.CurrentDirectory)
            : (await File.ReadAllTextAsync(file.FullName, cancellationToken), file.DirectoryName!);
    }
}
