using System.CommandLine;
using System.Globalization;
using Sightline.Training.Data;

namespace Sightline.Cli.Commands;

/// <summary><c>train pack --config FILE --out DIR</c>.</summary>
internal static class TrainPackCommand
{
    internal static Command Create()
    {
        var config = new Option<FileInfo>("--config")
        {
            Description = "A training's configuration: its data, validation and pack.",
            Required = true,
        };
        var output = new Option<DirectoryInfo>("--out") { Description = "Folder for the packed pictures.", Required = true };
        var input = new Option<int?>("--input") { Description = "Side of the model's input in pixels, where pack.input does not say it." };
        var command = new Command(
            "pack", "Decode a training's pictures once, into files that a machine without them can train from; sources.yaml names those.")
        {
            config, output, input,
        };
        command.SetAction((parsed, cancellationToken) => Task.Run(
            () =>
            {
                var reports = DataPacking.Run(
                    parsed.GetValue(config)!.FullName, parsed.GetValue(output)!.FullName, parsed.GetValue(input), Show, TimeProvider.System,
                    cancellationToken);
                Print(reports, CommonOptions.Read(parsed).Json);
            },
            cancellationToken));
        return command;
    }

    private static void Show(PackProgress progress)
    {
        var left = progress.Left is { } time ? string.Create(CultureInfo.InvariantCulture, $", {time:hh\\:mm\\:ss} left") : "";
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{Path.GetFileName(progress.Source)}: {progress.Done:N0} of {progress.Total:N0} pictures, {progress.PerSecond:N0}/s{left}");
        if (Console.IsErrorRedirected)
        {
            if (progress.Done == progress.Total)
            {
                Console.Error.WriteLine(line);
            }

            return;
        }

        Console.Error.Write($"\r{line}    {(progress.Done == progress.Total ? "\n" : "")}");
    }

    private static void Print(IReadOnlyList<PackReport> reports, bool json)
    {
        if (json)
        {
            Output.Json(reports);
            return;
        }

        static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
        Output.Table(
            ["source", "packed in", "pictures", "captions", "without", "the same", "other part", "left out"],
            reports.Select(r => new[]
            {
                r.Source, r.Folder, Number(r.Pictures), Number(r.Captions), Number(r.Uncaptioned), Number(r.Joined), Number(r.OtherPart),
                string.Join(", ", r.Faults.Select(f => $"{f.Key} {Number(f.Value)}")),
            }));
    }
}
