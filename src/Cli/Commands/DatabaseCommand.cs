using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Sightline.Cli.Host;
using Sightline.Search;
using Sightline.Web.Api;

namespace Sightline.Cli.Commands;

/// <summary><c>db status|migrate|backup|restore|psql</c>.</summary>
internal static class DatabaseCommand
{
    internal static Command Create() => new("db", "The database.") { Status(), Migrate(), Backup(), Restore(), Psql() };

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

    private static Command Backup()
    {
        var file = new Argument<FileInfo>("file") { Description = "Where to; replaced when the backup is whole." };
        var command = new Command("backup", "Write the catalogue, vectors and tags included, to a file; the server may go on working.") { file };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            await using var session = await Session.OpenAsync(options, cancellationToken);
            await DatabaseBackup.WriteAsync(
                options.Database ?? PrivateCluster.ConnectionTo(options.Data), parsed.GetValue(file)!.FullName, Lines("written"), cancellationToken);
            parsed.GetValue(file)!.Refresh();
            await Console.Error.WriteLineAsync($"{parsed.GetValue(file)!.FullName}: {Megabytes(parsed.GetValue(file)!.Length)}");
            return 0;
        });
        return command;
    }

    private static Command Restore()
    {
        var file = new Argument<FileInfo>("file") { Description = "A backup." };
        var force = new Option<bool>("--force") { Description = "Replace a database that holds images." };
        var command = new Command("restore", "Put a backup in the place of the database; the server must not run.") { file, force };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = CommonOptions.Read(parsed);
            if (!parsed.GetValue(file)!.Exists)
            {
                throw new CommandException($"There is no file {parsed.GetValue(file)!.FullName}.");
            }

            using var held = DaemonLock.TryTake(options.Data)
                ?? throw new CommandException($"Sightline runs on {options.Data.Root}; stop it first.");
            await using var cluster = options.Database is null ? await PrivateCluster.StartAsync(options.Data, settings: null, cancellationToken) : null;
            await DatabaseBackup.RestoreAsync(
                options.Database ?? cluster!.ConnectionString, parsed.GetValue(file)!.FullName, parsed.GetValue(force), Lines("read"), cancellationToken);
            await Console.Error.WriteLineAsync("Restored. The index is built at the next start.");
            return 0;
        });
        return command;
    }

    // A line each time that another 256 MB are done.
    private static Action<long> Lines(string verb)
    {
        const long Step = 256_000_000;
        var (next, clock) = (Step, Stopwatch.StartNew());
        return bytes =>
        {
            if (bytes >= next)
            {
                next = (bytes / Step + 1) * Step;
                Console.Error.WriteLine($"{Megabytes(bytes)} {verb}, {Megabytes((long)(bytes / clock.Elapsed.TotalSeconds))}/s");
            }
        };
    }

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F1} MB");

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
