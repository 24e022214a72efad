using System.CommandLine;
using System.Globalization;
using Sightline.Cli.Host;
using Sightline.Search;
using Sightline.Web.Api;

namespace Sightline.Cli.Commands;

/// <summary><c>keys create|list|revoke</c>: who may use the server from elsewhere.</summary>
internal static class KeysCommand
{
    internal static Command Create()
    {
        var command = new Command("keys", "Keys for using the server from other machines.");
        command.Subcommands.Add(New());
        command.Subcommands.Add(List());
        command.Subcommands.Add(Revoke());
        return command;
    }

    private static Command New()
    {
        var name = new Argument<string>("name") { Description = "Whose it is, or what for." };
        var scope = new Option<AccessScope>("--scope") { Description = "read: search and look; write: tags, albums, jobs too; admin: all.", DefaultValueFactory = _ => AccessScope.Read };
        var days = new Option<double?>("--expires") { Description = "Days that it holds; for good where absent." };
        var command = new Command("create", "Create a key and print its secret, which is shown this once.") { name, scope, days };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            await using var session = await Session.OpenAsync(options, cancellationToken);
            var request = new KeyRequest(parsed.GetValue(name)!, parsed.GetValue(scope), parsed.GetValue(days));
            var created = await session.PostAsync<KeyResponse>("/api/keys", request, cancellationToken);
            if (options.Json)
            {
                Output.Json(created);
                return 0;
            }

            await Console.Error.WriteLineAsync($"{created.Key.Name} may {Verbs(created.Key.Scope)}. Keep this, it is not shown again:");
            Console.Out.WriteLine(created.Secret);
            return 0;
        });
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Keys, newest first; never their secrets.");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            await using var session = await Session.OpenAsync(options, cancellationToken);
            var keys = await session.GetAsync<List<KeyDto>>("/api/keys", cancellationToken);
            if (options.Json)
            {
                Output.Json(keys);
                return 0;
            }

            Output.Table(["Id", "Name", "Begins with", "Scope", "Created", "Last used", "Ends"], keys.Select(k => new[]
            {
                k.Id.ToString(CultureInfo.InvariantCulture), k.Name, k.Prefix + "…", k.Scope.ToString().ToLowerInvariant(), Day(k.CreatedAt), Day(k.LastUsedAt),
                k.RevokedAt is { } revoked ? $"revoked {Day(revoked)}" : Day(k.ExpiresAt),
            }));
            return 0;
        });
        return command;
    }

    private static Command Revoke()
    {
        var key = new Argument<string>("key") { Description = "Name or id." };
        var command = new Command("revoke", "Refuse a key from now on and end its sessions.") { key };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var session = await Session.OpenAsync(CommonOptions.Read(parsed), cancellationToken);
            await session.DeleteAsync($"/api/keys/{Uri.EscapeDataString(parsed.GetValue(key)!)}", cancellationToken);
            return 0;
        });
        return command;
    }

    private static string Verbs(AccessScope scope) => scope switch
    {
        AccessScope.Read => "search and look",
        AccessScope.Write => "search, look, tag and start jobs",
        _ => "do everything",
    };

    private static string Day(DateTimeOffset? date) => date?.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "";
}
