using System.CommandLine;
using System.Globalization;
using Sightline.Cli.Host;
using Sightline.Search;
using Sightline.Web.Api;

namespace Sightline.Cli.Commands;

/// <summary><c>curate import|run|report|export</c> and what belongs to them: from a heap of pairs to a training set.</summary>
internal static class CurateCommand
{
    internal static Command Create()
    {
        var command = new Command("curate", "Filter (image, caption) pairs into training datasets.");
        command.Subcommands.Add(CurateImport.Create());
        command.Subcommands.Add(List());
        command.Subcommands.Add(CurateRun.Create());
        command.Subcommands.Add(CurateReport.Create());
        command.Subcommands.Add(CuratePairs.Create());
        command.Subcommands.Add(CurateDecide.Create());
        command.Subcommands.Add(CurateExport.Create());
        command.Subcommands.Add(CurateVerify.Create());
        command.Subcommands.Add(CurateMeasure.Create());
        command.Subcommands.Add(CurateDownload.Create());
        command.Subcommands.Add(CurateRecipes.CreateFilters());
        command.Subcommands.Add(CurateRecipes.CreatePresets());
        command.Subcommands.Add(Delete());
        return command;
    }

    internal static Argument<string> DatasetArgument() => new("dataset") { Description = "Its name, see: sightline curate list." };

    internal static string PathOf(string dataset) => $"/api/curation/datasets/{Uri.EscapeDataString(dataset)}";

    /// <summary>The path of a run that is of the dataset which was named with it.</summary>
    /// <exception cref="CommandException">It is of another.</exception>
    internal static async Task<string> PathOfRunAsync(Session session, long run, string dataset, CancellationToken cancellationToken)
    {
        var named = await session.GetAsync<DatasetDto>(PathOf(dataset), cancellationToken);
        var found = await session.GetAsync<RunDto>($"/api/curation/runs/{run}", cancellationToken);
        return found.Dataset == named.Id
            ? $"/api/curation/runs/{run}"
            : throw new CommandException($"Run {run} is of {found.DatasetName}, not of {named.Name}; see: sightline curate list");
    }

    /// <summary>Zero for a job that has done all that was asked.</summary>
    internal static int ExitCode(JobDto job) => job.State == JobState.Succeeded ? 0 : 1;

    private static Command List()
    {
        var command = new Command("list", "Datasets and their runs.");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            await using var session = await Session.OpenAsync(options, cancellationToken);
            var datasets = await session.GetAsync<List<DatasetDto>>("/api/curation/datasets", cancellationToken);
            var runs = await session.GetAsync<List<RunDto>>("/api/curation/runs?limit=200", cancellationToken);
            if (options.Json)
            {
                Output.Json(new { datasets, runs });
                return 0;
            }

            if (datasets.Count == 0)
            {
                Console.Out.WriteLine("There are no datasets yet: sightline curate import SOURCE --name NAME");
                return 0;
            }

            Output.Table(["Dataset", "Pairs", "Left out", "State", "From"], datasets.Select(d => new[]
            {
                d.Name, Number(d.Pairs), Number(d.Faults.Values.Sum()), d.ImportedAt is null ? d.Job?.State.ToString().ToLowerInvariant() ?? "not imported" : "ready", d.Source,
            }));
            if (runs.Count > 0)
            {
                Output.Table(["Run", "Dataset", "State", "Kept", "Of"], runs.Select(r => new[]
                {
                    Number(r.Id), r.DatasetName, r.FinishedAt is null ? r.Job?.State.ToString().ToLowerInvariant() ?? "" : "done",
                    r.Kept is { } kept ? Number(kept) : "", r.Pairs is { } pairs ? Number(pairs) : "",
                }));
            }

            return 0;
        });
        return command;
    }

    private static Command Delete()
    {
        var dataset = DatasetArgument();
        var run = new Option<long?>("--run") { Description = "Forget only this run of it." };
        var command = new Command("delete", "Forget a dataset with its runs and decisions. What it was imported from, and what was exported, stays.") { dataset, run };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var session = await Session.OpenAsync(CommonOptions.Read(parsed), cancellationToken);
            await session.DeleteAsync(
                parsed.GetValue(run) is { } id ? await PathOfRunAsync(session, id, parsed.GetValue(dataset)!, cancellationToken) : PathOf(parsed.GetValue(dataset)!),
                cancellationToken);
            return 0;
        });
        return command;
    }

    internal static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    internal static string Share(long part, long all) =>
        (all == 0 ? 0 : (double)part / all).ToString("P1", CultureInfo.InvariantCulture);
}
