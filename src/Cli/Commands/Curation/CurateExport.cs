using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sightline.Cli.Host;
using Sightline.Curation.Export;
using Sightline.Search;
using Sightline.Web.Api;

namespace Sightline.Cli.Commands;

/// <summary><c>curate export RUN FOLDER</c>.</summary>
internal static class CurateExport
{
    internal static Command Create()
    {
        var run = new Argument<long>("run") { Description = "Its number, see: sightline curate list." };
        var folder = new Argument<DirectoryInfo>("folder") { Description = "Where to: new, empty, or of the same export, which then goes on." };
        var formats = Enum.GetValues<ExportFormat>().ToDictionary(NameOf);
        var format = new Option<string>("--format") { Description = $"{string.Join(", ", formats.Keys)}.", DefaultValueFactory = _ => NameOf(ExportFormat.WebDataset) };
        format.AcceptOnlyFromAmong([.. formats.Keys]);
        var size = new Option<int?>("--shard-size") { Description = "Most pairs of a shard, 10,000 by default; shards are even." };
        var splits = new Option<string[]>("--split") { Description = "A split and its fraction of the images, such as train=0.9; may be repeated, together 1. No image is in two." };
        var seed = new Option<long>("--seed") { Description = "Another seed gives images to other splits." };
        var gzip = new Option<bool>("--gzip") { Description = "JSON Lines compressed." };
        var links = new Option<bool>("--hard-links") { Description = "An imagefolder's files are hard links where they can be." };
        var generated = new Option<bool>("--include-generated") { Description = "Pictures that a model made are exported too." };
        var command = new Command("export", "Export what a run keeps, with a manifest; again: goes on where it was cut short.")
        {
            run, folder, format, size, splits, seed, gzip, links, generated,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            var request = new ExportRequestDto(
                formats[parsed.GetValue(format)!], parsed.GetValue(folder)!.FullName, parsed.GetValue(size), ParseSplits(parsed.GetValue(splits) ?? []),
                parsed.GetValue(seed), parsed.GetValue(gzip), parsed.GetValue(links), parsed.GetValue(generated));
            await using var session = await Session.OpenAsync(options, cancellationToken);
            var export = await session.PostAsync<ExportDto>($"/api/curation/runs/{parsed.GetValue(run)}/exports", request, cancellationToken);
            var job = await IndexCommand.FollowAsync(session, export.Job!, cancels: true, options, cancellationToken);
            if (job.State == JobState.Succeeded)
            {
                Print(await session.GetAsync<ExportDto>($"/api/curation/exports/{export.Id}", cancellationToken), options.Json);
            }

            return CurateCommand.ExitCode(job);
        });
        return command;
    }

    private static string NameOf(ExportFormat format) => JsonSerializer.Serialize(format).Trim('"');

    private static void Print(ExportDto export, bool json)
    {
        if (json)
        {
            Output.Json(export);
            return;
        }

        if (export is { Format: ExportFormat.Verdicts, Counts: { } counts })
        {
            Console.Out.WriteLine($"Verdicts on {CurateCommand.Number(counts.Pairs)} pairs: {CurateCommand.Number(counts.Exported)} kept, {CurateCommand.Number(counts.Pairs - counts.Exported)} dropped.");
        }

        Output.Table(["Split", export.Format == ExportFormat.Verdicts ? "Kept" : "Pairs", "Without image", "Shards"], export.Splits!.Select(s => new[]
        {
            s.Key.Length > 0 ? s.Key : "all", CurateCommand.Number(s.Value.Exported), CurateCommand.Number(s.Value.Failed), CurateCommand.Number(s.Value.Shards),
        }));
        Console.Out.WriteLine(
            $"{export.Files!.Count} files, {(export.Files.Sum(f => f.Bytes) / 1e6).ToString("N1", CultureInfo.InvariantCulture)} MB in {export.Folder}; manifest.json says what they were made from.");
    }

    private static Dictionary<string, double>? ParseSplits(string[] given)
    {
        var splits = new Dictionary<string, double>();
        foreach (var text in given)
        {
            if (text.Split('=') is not [{ Length: > 0 } name, var share]
                || !double.TryParse(share, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var fraction)
                || !splits.TryAdd(name, fraction))
            {
                throw new CommandException($"--split is such as train=0.9, each name once, not {text}.");
            }
        }

        return splits.Count == 0 ? null : splits;
    }
}
