using System.CommandLine;
using System.Globalization;
using Sightline.Cli.Host;
using Sightline.Curation;
using Sightline.Web.Api;

namespace Sightline.Cli.Commands;

/// <summary><c>curate report RUN</c>.</summary>
internal static class CurateReport
{
    private const int BarLength = 40;
    private const int MostBins = 20;
    private const int MostLanguages = 10;

    internal static Command Create()
    {
        var run = new Argument<long>("run") { Description = "Its number, see: sightline curate list." };
        var command = new Command("report", "The funnel, reasons and histograms of a run.") { run };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            await using var session = await Session.OpenAsync(options, cancellationToken);
            var found = await session.GetAsync<RunDto>($"/api/curation/runs/{parsed.GetValue(run)}", cancellationToken);
            Print(found, options.Json);
            if (!options.Json && found.Report is { } report)
            {
                foreach (var field in report.Fields)
                {
                    Histogram(field);
                }
            }

            return 0;
        });
        return command;
    }

    internal static void Print(RunDto run, bool json)
    {
        if (json)
        {
            Output.Json(run);
            return;
        }

        if (run.Report is not { } report)
        {
            Console.Out.WriteLine($"Run {run.Id} of {run.DatasetName}: {run.Job?.Error ?? run.Job?.State.ToString().ToLowerInvariant()}");
            return;
        }

        Console.Out.WriteLine($"Run {run.Id} of {run.DatasetName}: {Line(report.Kept, report.Pairs)}");
        if (run.Decisions is { } decisions && decisions.Kept + decisions.Dropped > 0)
        {
            Console.Out.WriteLine($"Before it go {CurateCommand.Number(decisions.Kept)} pairs kept and {CurateCommand.Number(decisions.Dropped)} dropped by hand.");
        }

        Funnel(report);
    }

    internal static void Print(PreviewResponse preview, bool json)
    {
        if (json)
        {
            Output.Json(preview);
            return;
        }

        Console.Out.WriteLine(preview.Report.Pairs == preview.Total
            ? $"By a dry run: {Line(preview.Report.Kept, preview.Report.Pairs)}"
            : $"It would keep about {CurateCommand.Share(preview.Report.Kept, preview.Report.Pairs)} of {CurateCommand.Number(preview.Total)} pairs, judged by {CurateCommand.Number(preview.Report.Pairs)} of them.");
        Funnel(preview.Report);
        if (preview.NotCounted.Count > 0)
        {
            Console.Out.WriteLine($"Left out, since they look at all pairs together and this is a sample: {string.Join(", ", preview.NotCounted)}. A run counts them.");
        }
    }

    private static void Funnel(RunReport report)
    {
        Output.Table(["Filter", "In", "Dropped", "Out"], report.Steps.SelectMany(s => new[] { Step(s) }.Concat(s.Reasons.Select(Reason))));
        if (report.Steps.SelectMany(s => s.Reasons).FirstOrDefault(r => r.Pairs > report.Pairs / 2 && r.Code.EndsWith(".unknown", StringComparison.Ordinal)) is { } unknown)
        {
            Console.Out.WriteLine(
                $"Most pairs went for what is not known of them ({unknown.Text}): measure the images (sightline curate measure), or set keep_unknown: true in the recipe.");
        }

        if (report.Languages.Count > 1)
        {
            Output.Table(["Language", "Pairs", "Kept"], report.Languages.Take(MostLanguages).Select(l => new[]
            {
                l.Language, CurateCommand.Number(l.All), CurateCommand.Number(l.Kept),
            }));
        }
    }

    private static string[] Step(FunnelStep step) =>
        [step.Filter, CurateCommand.Number(step.In), CurateCommand.Number(step.In - step.Out), CurateCommand.Number(step.Out)];

    private static string[] Reason(ReasonCount reason) => [$"  {reason.Text}", "", CurateCommand.Number(reason.Pairs), ""];

    private static string Line(long kept, long pairs) =>
        $"{CurateCommand.Number(kept)} of {CurateCommand.Number(pairs)} pairs kept ({CurateCommand.Share(kept, pairs)})";

    // Bars of what is kept, with what was dropped behind: ####----
    private static void Histogram(FieldReport field)
    {
        var step = (field.All.Count + MostBins - 1) / MostBins;
        var bins = field.All.Zip(field.Kept).Chunk(step).Select(c => (All: c.Sum(b => b.First), Kept: c.Sum(b => b.Second))).ToList();
        var most = Math.Max(1, bins.Max(b => b.All));
        Console.Out.WriteLine();
        Console.Out.WriteLine($"{field.Field}{(field.Unknown > 0 ? $" ({CurateCommand.Number(field.Unknown)} not known)" : "")}");
        foreach (var (number, (all, kept)) in bins.Index().Where(b => b.Item.All > 0))
        {
            var (dark, light) = ((int)Math.Round((double)kept / most * BarLength), (int)Math.Round((double)all / most * BarLength));
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{field.Edges[number * step],10:G4}  {new string('#', dark)}{new string('-', Math.Max(0, light - dark)),0}  {CurateCommand.Number(kept)} of {CurateCommand.Number(all)}"));
        }
    }
}
