using System.CommandLine;
using System.Globalization;
using Sightline.Cli.Host;
using Sightline.Web.Api;

namespace Sightline.Cli.Commands;

/// <summary><c>curate pairs DATASET [--run RUN --reason CODE]</c>.</summary>
internal static class CuratePairs
{
    internal static Command Create()
    {
        var dataset = CurateCommand.DatasetArgument();
        var run = new Option<long?>("--run") { Description = "What this run says of them." };
        var reason = new Option<string>("--reason") { Description = "Only pairs dropped for this reason, such as caption_length.few_words; or kept, dropped, by_hand (what people have decided on).", DefaultValueFactory = _ => "dropped" };
        var from = new Option<long>("--from") { Description = "The first row." };
        var limit = new Option<int>("--limit") { Description = "Most pairs, up to 200.", DefaultValueFactory = _ => 24 };
        var command = new Command("pairs", "Look at pairs, and at what a run dropped and why.") { dataset, run, reason, from, limit };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            await using var session = await Session.OpenAsync(options, cancellationToken);
            var range = string.Create(CultureInfo.InvariantCulture, $"from={parsed.GetValue(from)}&limit={parsed.GetValue(limit)}");
            var found = await session.GetAsync<PairsResponse>(
                parsed.GetValue(run) is { } id
                    ? $"{await CurateCommand.PathOfRunAsync(session, id, parsed.GetValue(dataset)!, cancellationToken)}/pairs?reason={Uri.EscapeDataString(parsed.GetValue(reason)!)}&{range}"
                    : $"{CurateCommand.PathOf(parsed.GetValue(dataset)!)}/pairs?{range}",
                cancellationToken);
            if (options.Json)
            {
                Output.Json(found);
                return 0;
            }

            foreach (var pair in found.Pairs)
            {
                Console.Out.WriteLine($"{pair.Row,9}  {pair.Language,-3}  {pair.Caption.ReplaceLineEndings(" ")}{Note(pair)}");
            }

            if (found.Next is { } next)
            {
                await Console.Error.WriteLineAsync($"More: --from {next}");
            }

            return 0;
        });
        return command;
    }

    private static string Note(PairDto pair)
    {
        var notes = new List<string>();
        if (pair.Reason is { } reason)
        {
            notes.Add(pair.Twin is { } twin ? $"{reason}, like {twin}" : reason);
        }

        if (pair.Decision is { } keep)
        {
            notes.Add(keep ? "kept by hand" : "dropped by hand");
        }

        return notes.Count > 0 ? $"  [{string.Join("; ", notes)}]" : "";
    }
}
