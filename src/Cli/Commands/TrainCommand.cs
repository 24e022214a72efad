using System.CommandLine;
using Sightline.Training;
using Sightline.Training.Runs;

namespace Sightline.Cli.Commands;

/// <summary><c>train KIND --config FILE</c>. Needs no server: it works on files and the device alone.</summary>
internal static class TrainCommand
{
    private const int Interrupted = 130;

    internal static Command Create()
    {
        var command = new Command("train", "Train models; Ctrl-C writes a checkpoint and stops.") { TrainPackCommand.Create(), TrainTokenizerCommand.Create() };
        foreach (var (name, summary) in Trainings.Kinds)
        {
            command.Subcommands.Add(CreateKind(name, summary));
        }

        return command;
    }

    private static Command CreateKind(string kind, string summary)
    {
        var config = new Option<FileInfo>("--config") { Description = "What to train on what and how, YAML or JSON.", Required = true };
        var output = new Option<DirectoryInfo?>("--out") { Description = "The run's folder; default: training/NAME in the data folder." };
        var name = new Option<string?>("--name") { Description = "Name of the run; default: the kind and the configuration's file name." };
        var resume = new Option<bool>("--resume") { Description = "Go on from the run's last checkpoint." };
        var command = new Command(kind, summary) { config, output, name, resume };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            var file = parsed.GetValue(config)!;
            var folder = FolderOf(options, kind, file, parsed.GetValue(output), parsed.GetValue(name));
            var request = new TrainingRequest(
                kind, file.FullName, folder, parsed.GetValue(resume), options.Compute, options.Models,
                options.TrainingCache);
            NativeMemory.KeepFreedBlocks();
            var run = await TrainingProgressBar.FollowAsync(
                progress => Trainings.Run(request, progress, TimeProvider.System, cancellationToken), options.Json);
            TrainingProgressBar.Print(run, folder, options.Json);
            return run.State == TrainingState.Finished ? 0 : Interrupted;
        });
        return command;
    }

    private static RunFolder FolderOf(CommonOptions options, string kind, FileInfo config, DirectoryInfo? output, string? name)
    {
        if (output is not null)
        {
            return name is null ? new RunFolder(output.FullName) : throw new CommandException("Give --out or --name: a run is called as its folder.");
        }

        name ??= $"{kind}-{Path.GetFileNameWithoutExtension(config.Name)}";
        return name == Path.GetFileName(name) && !name.StartsWith('.')
            ? new RunFolder(Path.Combine(options.Data.Root, "training", name))
            : throw new CommandException($"A run's name is one of a folder, without slashes and no dot in front: not {name}.");
    }
}
