using System.CommandLine;
using System.Globalization;
using Sightline.Cli.Host;
using Sightline.Web.Api;

namespace Sightline.Cli.Commands;

/// <summary><c>search WORDS</c>: score, id and path of the best hits, a line each.</summary>
internal static class SearchCommand
{
    internal static Option<int> LimitOption() =>
        new("--limit", "-n") { Description = "Hits wanted, 1 to 1000.", DefaultValueFactory = _ => 20 };

    internal static Command Create()
    {
        var words = new Argument<string[]>("words") { Description = "What to look for.", Arity = ArgumentArity.OneOrMore };
        var limit = LimitOption();
        var folders = new Option<string[]>("--in") { Description = "Only images indexed from this folder; may be given again.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("search", "Search by words.") { words, limit, folders };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            await using var session = await Session.OpenAsync(options, cancellationToken);
            var query = Uri.EscapeDataString(string.Join(' ', parsed.GetValue(words)!));
            var roots = await RootsAsync(session, parsed.GetValue(folders) ?? [], cancellationToken);
            var path = string.Create(CultureInfo.InvariantCulture, $"/api/search?q={query}&limit={parsed.GetValue(limit)}{roots}");
            Output.Hits(await session.GetAsync<SearchResponse>(path, cancellationToken), options.Json);
            return 0;
        });
        return command;
    }

    private static async Task<string> RootsAsync(Session session, string[] folders, CancellationToken cancellationToken)
    {
        if (folders.Length == 0)
        {
            return "";
        }

        var indexed = (await session.GetAsync<StatusResponse>("/api/status", cancellationToken)).Roots;
        return string.Concat(folders.Select(folder =>
            indexed.FirstOrDefault(root => root.Path == Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))) is { } root
                ? string.Create(CultureInfo.InvariantCulture, $"&root={root.Id}")
                : throw new CommandException($"{folder} is not indexed.")));
    }
}
