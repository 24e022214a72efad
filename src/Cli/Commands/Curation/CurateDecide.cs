using System.CommandLine;
using Sightline.Cli.Host;
using Sightline.Web.Api;

namespace Sightline.Cli.Commands;

/// <summary><c>curate decide DATASET keep|drop|undo ROW...</c>.</summary>
internal static class CurateDecide
{
    internal static Command Create()
    {
        var dataset = CurateCommand.DatasetArgument();
        var word = new Argument<string>("word") { Description = "keep, drop, or undo." };
        word.AcceptOnlyFromAmong("keep", "drop", "undo");
        var rows = new Argument<long[]>("rows") { Description = "Numbers of pairs, see: sightline curate pairs.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("decide", "Keep or drop single pairs whatever recipes say, or take that back.") { dataset, word, rows };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            await using var session = await Session.OpenAsync(options, cancellationToken);
            bool? keep = parsed.GetValue(word) switch { "keep" => true, "drop" => false, _ => null };
            var changed = await session.PostAsync<DecisionResponse>(
                $"{CurateCommand.PathOf(parsed.GetValue(dataset)!)}/decisions", new DecisionRequest(parsed.GetValue(rows)!, keep), cancellationToken);
            if (options.Json)
            {
                Output.Json(changed);
            }
            else
            {
                Console.Out.WriteLine($"{changed.Changed} decisions changed.");
            }

            return 0;
        });
        return command;
    }
}
