using System.CommandLine;
using Sightline.Cli.Host;
using Sightline.Curation.Import;
using Sightline.Search;
using Sightline.Web.Api;

namespace Sightline.Cli.Commands;

/// <summary><c>curate import SOURCE --name NAME</c>.</summary>
internal static class CurateImport
{
    private const string Catalogue = "catalogue";

    internal static Command Create()
    {
        var source = new Argument<string>("source") { Description = $"A file, a folder, or a pattern such as 'shards/{{00000..00010}}.tar'; or: {Catalogue}, for what is indexed." };
        var name = new Option<string>("--name") { Description = "What the dataset is to be called; the source's own name where absent. The name of an import that was cut short goes on with it." };
        var format = new Option<string>("--format") { Description = $"Told from the files where absent: {string.Join(", ", PairSources.Formats)}." };
        var columns = new Option<string[]>("--column")
        {
            Description = "What the source calls a column, where that is unusual: caption=alt_text. Of caption, url, image, key, width, height, similarity, sha256.",
        };
        var images = new Option<DirectoryInfo>("--images") { Description = "The folder that paths of images start from." };
        var uncaptioned = new Option<bool>("--keep-uncaptioned") { Description = "Of files: images without a caption are pairs with an empty one. Of the catalogue they always are, unless --filter says {\"captioned\": true}." };
        var filter = new Option<string>("--filter") { Description = "Of the catalogue, only images that pass a filter of the search, such as {\"folder\": {\"eq\": \"/photos/2024\"}}." };
        var measure = new Option<MeasureLevel>("--measure")
        {
            Description = "How far images are looked at: none, pixels (size, hashes, sharpness), or clip (that, and the model's embeddings and similarity).",
            DefaultValueFactory = _ => MeasureLevel.Pixels,
        };
        var command = new Command("import", "Import pairs: WebDataset, CSV, TSV, JSON lines, COCO, imagefolder, img2dataset, Parquet, captions beside images, or what is indexed.")
        {
            source, name, format, columns, images, uncaptioned, filter, measure,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            var given = parsed.GetValue(source)!;
            var isCatalogue = given == Catalogue && !Path.Exists(given);
            var request = new DatasetRequest(
                parsed.GetValue(name) ?? (isCatalogue ? Catalogue : Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(given))),
                isCatalogue ? null : Path.GetFullPath(given), parsed.GetValue(format), ParseColumns(parsed.GetValue(columns) ?? []),
                parsed.GetValue(images)?.FullName, parsed.GetValue(uncaptioned),
                parsed.GetValue(filter) is { } json ? Output.ParseJson(json, "--filter") : null, parsed.GetValue(measure));
            await using var session = await Session.OpenAsync(options, cancellationToken);
            return await RunAsync(session, request, options, cancellationToken);
        });
        return command;
    }

    /// <summary>Imports, follows the jobs and says how it ended.</summary>
    internal static async Task<int> RunAsync(Session session, DatasetRequest request, CommonOptions options, CancellationToken cancellationToken)
    {
        var known = (await session.GetAsync<List<DatasetDto>>("/api/curation/datasets", cancellationToken)).FirstOrDefault(d => d.Name == request.Name);
        if (known is { ImportedAt: not null })
        {
            throw new CommandException($"There is a dataset {request.Name} already: choose another --name, or sightline curate delete {request.Name}");
        }

        if (known is not null && known.Source != request.ToSourceText())
        {
            throw new CommandException($"The import of {request.Name} from {known.Source} was cut short: go on with that, or sightline curate delete {request.Name}");
        }

        if (known is not null && (request.Format is not null || request.ImageFolder is not null || request.Columns is not null || request.Filter is not null))
        {
            throw new CommandException(
                $"The import of {request.Name} was begun with options of its own: leave yours out to go on with it, or sightline curate delete {request.Name} and begin anew.");
        }

        var dataset = known is null
            ? await session.PostAsync<DatasetDto>("/api/curation/datasets", request, cancellationToken)
            : await session.PostAsync<DatasetDto>($"{CurateCommand.PathOf(request.Name)}/resume", new { }, cancellationToken);
        var job = await IndexCommand.FollowAsync(session, dataset.Job!, cancels: true, options, cancellationToken);
        if (job.State != JobState.Succeeded)
        {
            return 1;
        }

        dataset = await session.GetAsync<DatasetDto>(CurateCommand.PathOf(request.Name), cancellationToken);

        // The import queues the look at the images, where there are any.
        if (dataset.Job!.Id != job.Id)
        {
            job = await IndexCommand.FollowAsync(session, dataset.Job, cancels: false, options, cancellationToken);
            dataset = await session.GetAsync<DatasetDto>(CurateCommand.PathOf(request.Name), cancellationToken);
        }

        if (options.Json)
        {
            Output.Json(dataset);
            return CurateCommand.ExitCode(job);
        }

        foreach (var (reason, count) in dataset.Faults.OrderByDescending(f => f.Value))
        {
            Console.Out.WriteLine($"{CurateCommand.Number(count)} left out: {reason}");
        }

        var next = dataset.Statistics?.Images == 0 && request.Path is not null
            ? $"their images are not at hand: sightline curate download {dataset.Name} FOLDER, or run a recipe for captions: sightline curate run {dataset.Name} --preset datacomp-caption"
            : $"next: sightline curate run {dataset.Name} --preset datacomp-basic";
        Console.Out.WriteLine($"{dataset.Name}: {CurateCommand.Number(dataset.Pairs)} pairs; {next}");
        return CurateCommand.ExitCode(job);
    }

    private static Dictionary<PairColumn, string>? ParseColumns(string[] given)
    {
        var columns = new Dictionary<PairColumn, string>();
        foreach (var text in given)
        {
            if (text.Split('=', 2) is not [var column, { Length: > 0 } name] || !PairColumns.TryParse(column, out var known))
            {
                throw new CommandException(
                    $"--column is such as caption=alt_text, not {text}; columns are {string.Join(", ", Enum.GetValues<PairColumn>().Select(PairColumns.NameOf))}.");
            }

            columns[known] = name;
        }

        return columns.Count == 0 ? null : columns;
    }
}
