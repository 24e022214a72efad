using System.Diagnostics;
using Sightline.Curation.Export;

namespace Sightline.Curation.Tests.Export;

/// <summary>An export in a process of its own, which may be killed: the test assembly, run as a program.</summary>
internal static class ChildExport
{
    /// <summary>Starts an export of a fixture's dataset to a folder.</summary>
    /// <param name="before">A program that starts it, with its arguments.</param>
    internal static Process Start(ExportFixture fixture, string folder, ExportFormat format, params string[] before)
    {
        string[] command =
        [
            .. before, "dotnet", "exec", typeof(ChildExport).Assembly.Location, "export", fixture.PathOf("dataset"), fixture.PathOf("run"), folder, format.ToString(),
        ];
        return Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
    }

    internal static ExportRequest Request(string folder, ExportFormat format) => new()
    {
        Folder = folder, Format = format, ShardSize = 50, Splits = new Dictionary<string, double> { ["train"] = 0.7, ["val"] = 0.3 },
    };

    private static async Task<int> Main(string[] args)
    {
        if (args is not ["export", var dataset, var run, var folder, var format])
        {
            await Console.Error.WriteLineAsync("usage: export DATASET RUN FOLDER FORMAT");
            return 2;
        }

        var verdicts = new RunVerdicts(run, new Dictionary<long, bool>());
        var source = new ExportSource("flowers", new PairDataset(dataset), verdicts, ExportFixture.Reasons, ExportFixture.Recipe);
        try
        {
            await new DatasetExporter(source).RunAsync(Request(folder, Enum.Parse<ExportFormat>(format)), _ => { }, CancellationToken.None);
            return 0;
        }
        catch (ExportException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}
