using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Sightline.Cli.Host;
using Sightline.Search;
using Sightline.Web.Api;

namespace Sightline.Cli.Commands;

/// <summary><c>db status|migrate|psql</c>.</summary>
internal static class DatabaseCommand
{
    internal static Command Create() => new("db", "The database.") { Status(), Migrate(), Psql() };

    private static Command Status()
    {
        var command = new Command("status", "What the database holds.");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            await using var session = await Session.OpenAsync(options, cancellationToken);
            var status = await session.GetAsync<StatusResponse>("/api/status", cancellationToken);
            if (options.Json)
            {
                Output.Json(status);
                return 0;
            }

            var catalog = status.Catalog;
            Output.Table(["", ""], new (string Name, long Count)[]
            {
                ("pictures", catalog.Images), ("searchable", status.Indexed), ("exact duplicates", catalog.Duplicates),
                    ("missing files", catalog.Missing),
                ("files without a picture", catalog.Faults), ("bytes in the database", catalog.DatabaseBytes),
            }.Select(r => new[] { r.Name, r.Count.ToString("N0", CultureInfo.InvariantCulture) })
                .Append(["model", $"{status.Model} ({status.Dimensions} dimensions, {status.Compute})"])
                .Concat(status.Roots.Select(r => new[] { "folder", r.Path })));
            return 0;
        });
        return command;
    }

    private static Command Migrate()
    {
        var command = new Command("migrate", "Bring the database up to date; every start does.");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            if (options.Database is { } external)
            {
                var applied = await Migrator.ApplyAsync(external, Migration.Embedded, cancellationToken);
                await Console.Error.WriteLineAsync($"{applied} migrations applied; the database is up to date.");
                return 0;
            }

            await using var session = await Session.OpenAsync(options, cancellationToken);
            await Console.Error.WriteLineAsync("The database is up to date.");
            return 0;
        });
        return command;
    }

    private static Command Psql()
    {
        var arguments = new Argument<string[]>("arguments") { Description = "Passed on, after --.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("psql", "Open psql on the private database.") { arguments };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            await using var session = await Session.OpenAsync(options, cancellationToken);
            using var psql = Process.Start(
                new ProcessStartInfo("psql",
                    ["-h", options.Data.PostgresSocket, "-U", "sightline", "sightline", .. parsed.GetValue(arguments) ?? []]))
                ?? throw new CommandException("psql did not start.");
            await psql.WaitForExitAsync(cancellationToken);
            return psql.ExitCode;
        });
        return command;
    }
}
