using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Sightline.Cli;
using Sightline.Cli.Commands;
using Sightline.Curation.Export;
using Sightline.Models;
using Sightline.Models.Weights;
using Sightline.Search;
using Sightline.Training;

var root = new RootCommand("Sightline: search pictures by what is in them.");
CommonOptions.AddTo(root);
root.Subcommands.Add(ServeCommand.Create());
root.Subcommands.Add(WorkerCommand.Create());
root.Subcommands.Add(IndexCommand.Create());
root.Subcommands.Add(SearchCommand.Create());
root.Subcommands.Add(SimilarCommand.Create());
root.Subcommands.Add(DuplicatesCommand.Create());
root.Subcommands.Add(LabelsCommand.Create());
root.Subcommands.Add(TagCommand.Create());
root.Subcommands.Add(CurateCommand.Create());
root.Subcommands.Add(TrainCommand.Create());
root.Subcommands.Add(EmbedCommand.Create());
root.Subcommands.Add(ModelsCommand.Create());
root.Subcommands.Add(BenchCommand.Create());
root.Subcommands.Add(EvalCommand.Create());
root.Subcommands.Add(KeysCommand.Create());
root.Subcommands.Add(DatabaseCommand.Create());
root.Subcommands.Add(DemoDataCommand.Create());

// A clean stop hands jobs back and stops PostgreSQL; who cannot wait for that presses Ctrl-C again. Nothing that was acknowledged is lost.
long interrupted = 0;
using var again = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ =>
{
    // Some programs signal a process and then its group: that is one Ctrl-C.
    var first = Interlocked.CompareExchange(ref interrupted, Stopwatch.GetTimestamp(), 0);
    if (first != 0 && Stopwatch.GetElapsedTime(first) > TimeSpan.FromSeconds(0.5))
    {
        Console.Error.WriteLine("Stopped at once; the next command tidies up.");
        Process.GetCurrentProcess().Kill();
    }
});
try
{
    // A clean stop of the daemon takes a moment: a batch to finish, PostgreSQL to shut down.
    var configuration = new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = TimeSpan.FromMinutes(1),
    };
    return await root.Parse(args).InvokeAsync(configuration);
}
catch (OperationCanceledException)
{
    return 130;
}
catch (Exception e) when (
    e is CommandException or DataFolderException or DatabaseException or ModelFormatException or ModelNotFoundException
    or ExportException or TrainingException or ArgumentException or HttpRequestException or IOException or UnauthorizedAccessException or InvalidDataException)
{
    // What a user can mend is told in a sentence; a trace is for our own mistakes.
    await Console.Error.WriteLineAsync($"sightline: {e.Message}");
    return 1;
}
