using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sightline.Cli.Host;
using Sightline.Search;
using Sightline.Web.Api;

namespace Sightline.Cli.Commands;

/// <summary><c>tag run|try|calibrate</c>: zero-shot tagging.</summary>
internal static class TagCommand
{
    private const int EmbedBatch = 64;

    internal static Command Create()
    {
        var command = new Command("tag", "Tag pictures by labels of your own.");
        command.Subcommands.Add(Run());
        command.Subcommands.Add(Try());
        command.Subcommands.Add(Calibrate());
        return command;
    }

    private static Command Run()
    {
        var set = new Argument<string>("set") { Description = "A label set, see: sightline labels." };
        var threshold = ThresholdOption();
        var filter = new Option<string>("--filter") { Description = "Only images that pass a filter of the search, such as {\"folder\": {\"eq\": \"/photos/2024\"}}." };
        var command = new Command("run", "Tag the collection; earlier suggestions below the threshold are withdrawn.") { set, threshold, filter };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            await using var session = await Session.OpenAsync(options, cancellationToken);
            var request = new JobRequest(
                TagRequest.Kind, LabelSet: parsed.GetValue(set), Threshold: parsed.GetValue(threshold),
                Filter: parsed.GetValue(filter) is { } given ? Output.ParseJson(given, "--filter") : null);
            var job = await IndexCommand.RunJobAsync(session, request, cancels: true, options, cancellationToken);
            if (options.Json)
            {
                Output.Json(job);
            }

            return job.State == JobState.Succeeded ? 0 : 1;
        });
        return command;
    }

    private static Command Try()
    {
        var pictures = new Argument<FileInfo[]>("pictures") { Description = "Picture files.", Arity = ArgumentArity.OneOrMore };
        var labels = new Option<string>("--labels") { Description = "Labels with commas between." };
        var set = new Option<string>("--set") { Description = "A saved label set." };
        var command = new Command("try", "Say what pictures show.") { pictures, labels, set };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            await using var session = await Session.OpenAsync(options, cancellationToken);
            foreach (var file in parsed.GetValue(pictures)!)
            {
                var request = new ClassifyRequest(
                    parsed.GetValue(set), parsed.GetValue(labels)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), null,
                    await AddressOfAsync(file.FullName, cancellationToken), null);
                var found = await session.PostAsync<ClassifyResponse>("/api/classify", request, cancellationToken);
                if (options.Json)
                {
                    Output.Json(found);
                    continue;
                }

                Console.Out.WriteLine(file.FullName);
                foreach (var label in found.Labels)
                {
                    Console.Out.WriteLine(Bar(label.Probability, label.Label + (label.Typographic ? "  (maybe its written word)" : "")));
                }

                Console.Out.WriteLine(Bar(found.None, "none of these"));
            }

            return 0;
        });
        return command;
    }

    private static Command Calibrate()
    {
        var folder = new Argument<DirectoryInfo>("folder") { Description = "A folder with a folder of pictures for each label." };
        var names = new Option<FileInfo>("--names") { Description = "A file with folder, tab, label on each line, where the folders are not named by their labels." };
        var perLabel = new Option<int>("--per-label") { Description = "Most pictures of each label.", DefaultValueFactory = _ => 60 };
        var threshold = ThresholdOption();
        var command = new Command(
            "calibrate", "Fit the model's probabilities to pictures whose labels are known, and measure them on others. Every fourth label is held out: its pictures must be none of the rest.")
        {
            folder, names, perLabel, threshold,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            await using var session = await Session.OpenAsync(options, cancellationToken);
            var read = await ReadAsync(session, parsed.GetValue(folder)!, parsed.GetValue(names), parsed.GetValue(perLabel), cancellationToken);
            string[] labels = [.. read.Select(r => r.Label).Distinct().Order(StringComparer.Ordinal)];
            var known = labels.Where((_, i) => i % 4 != 3).ToHashSet(StringComparer.Ordinal);

            // Every second picture of each label measures.
            var pictures = read.GroupBy(r => r.Label).SelectMany(g => g.Select((r, i) =>
                (IsTest: i % 2 == 1, Picture: new LabelledPicture(r.Embedding, known.Contains(r.Label) ? r.Label : null)))).ToList();
            var response = await session.PostAsync<CalibrationResponse>("/api/calibration", new CalibrationRequest(
                [.. known.Select(l => new LabelDto(l, null, null))], [.. pictures.Where(p => !p.IsTest).Select(p => p.Picture)],
                [.. pictures.Where(p => p.IsTest).Select(p => p.Picture)], parsed.GetValue(threshold), parsed.GetValue(folder)!.Name), cancellationToken);
            Print(response, options.Json);
            return 0;
        });
        return command;
    }

    private static Option<double> ThresholdOption() =>
        new("--threshold") { Description = "Least probability of a tag, 0 to 1.", DefaultValueFactory = _ => TagRequest.DefaultThreshold };

    private static async Task<List<(string Label, string Embedding)>> ReadAsync(
        Session session, DirectoryInfo folder, FileInfo? names, int perLabel, CancellationToken cancellationToken)
    {
        var labelOf = new Dictionary<string, string>();
        foreach (var (number, line) in (names is null ? [] : File.ReadLines(names.FullName)).Index())
        {
            if (line.Split('\t') is [var name, var label, ..] && !labelOf.TryAdd(name.Trim(), label.Trim()))
            {
                throw new CommandException($"{names!.FullName}, line {number + 1}: the folder {name.Trim()} is there twice.");
            }
        }

        var files = folder.GetDirectories().OrderBy(d => d.Name, StringComparer.Ordinal).SelectMany(d =>
            d.GetFiles("*", SearchOption.AllDirectories).OrderBy(f => f.FullName, StringComparer.Ordinal).Take(perLabel)
                .Select(f => (Label: labelOf.GetValueOrDefault(d.Name, d.Name.Replace('_', ' ')), f.FullName))).ToList();
        if (files.Count == 0)
        {
            throw new CommandException($"{folder.FullName} has no folders with pictures.");
        }

        var read = new List<(string, string)>();
        foreach (var batch in files.Chunk(EmbedBatch))
        {
            var inputs = new List<string>();
            foreach (var (_, path) in batch)
            {
                inputs.Add(await AddressOfAsync(path, cancellationToken));
            }

            var request = new EmbeddingsRequest(JsonSerializer.SerializeToElement(inputs), null, "base64", null, null);
            var embedded = await session.PostAsync<EmbeddingsResponse>("/v1/embeddings", request, cancellationToken);
            read.AddRange(batch.Zip(embedded.Data, (file, item) => (file.Label, item.Embedding.GetString()!)));
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{read.Count} of {files.Count} pictures read"));
        }

        return read;
    }

    private static void Print(CalibrationResponse response, bool json)
    {
        if (json)
        {
            Output.Json(response);
            return;
        }

        var report = response.Report;
        Output.Table(["Label", "Pictures", "Tagged", "Precision", "Recall", "F1"], report.Labels.Append(report.All).Select(l => new[]
        {
            l.Label, Number(l.There), Number(l.Given), Share(l.Precision), Share(l.Recall), Share(l.F1),
        }));
        Console.Out.WriteLine($"most probable label is right: {Share(report.FirstIsRight)}");
        Console.Out.WriteLine($"none of these: {report.StrangersLeftAlone} of {report.Strangers} pictures of other things were given no tag");
        Console.Out.WriteLine($"before: precision {Share(response.Before.All.Precision)}, recall {Share(response.Before.All.Recall)}, "
            + $"{response.Before.StrangersLeftAlone} of {response.Before.Strangers} left alone");
        var c = response.Calibration;
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"log-odds = {c.Offset:F3} + {c.ByCollection:F3} z1 + {c.ByPicture:F3} z2"));
    }

    private static string Bar(double share, string label) => string.Create(
        CultureInfo.InvariantCulture, $"{share,7:P1}  {new string('#', (int)Math.Round(share * 30)),-30}  {label}");

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Share(double share) => share.ToString("F3", CultureInfo.InvariantCulture);

    private static async Task<string> AddressOfAsync(string path, CancellationToken cancellationToken) =>
        "data:image/*;base64," + Convert.ToBase64String(await File.ReadAllBytesAsync(path, cancellationToken));
}
