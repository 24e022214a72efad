using System.Diagnostics;
using System.Globalization;
using Sightline.Curation.Export;

namespace Sightline.Curation.Tests.Export;

/// <summary>An export in a process of its own, which kills itself as kill -9 does: the test assembly, run as a program.</summary>
internal static class ChildExport
{
    /// <summary>Starts an export of a fixture's dataset to a folder.</summary>
    /// <param name="killAt">Pairs done, of which the first report is the process's last.</param>
    internal static Process Start(ExportFixture fixture, string folder, ExportFormat format, int killAt)
    {
        string[] arguments =
        [
            "exec", typeof(ChildExport).Assembly.Location, "export", fixture.PathOf("dataset"), fixture.PathOf("run"), folder,
            format.ToString(), killAt.ToString(CultureInfo.InvariantCulture),
        ];
        return Process.Start("dotnet", arguments);
    }

    internal static ExportRequest Request(string folder, ExportFormat format) => new()
    {
        Folder = folder, Format = format, ShardSize = 50, Splits = new Dictionary<string, double> { ["train"] = 0.7, ["val"] = 0.3 },
    };

    private static async Task<int> Main(string[] args)
    {
        if (args is not ["export", var dataset, var run, var folder, var format, var killAt])
        {
            await Console.Error.WriteLineAsync("usage: export DATASET RUN FOLDER FORMAT PAIRS");
            return 2;
        }

        var (verdicts, pairs) = (new RunVerdicts(run, new Dictionary<long, bool>()), int.Parse(killAt, CultureInfo.InvariantCulture));
        var source = new ExportSource("flowers", new PairDataset(dataset), verdicts, ExportFixture.Reasons, ExportFixture.Recipe);
        await new DatasetExporter(source).RunAsync(
            Request(folder, Enum.Parse<ExportFormat>(format)),
            progress =>
            {
                if (!progress.IsPlanning && progress.Pairs >= pairs)
                {
                    Process.GetCurrentProcess().Kill();
                }
            },
            CancellationToken.None);
        return 0;
    }
}
