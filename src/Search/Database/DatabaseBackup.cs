using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Sightline.Search;

/// <summary>
/// The catalogue in one file, written by pg_dump in its own format while the server works: pictures' rows, vectors, tags, albums, label
/// sets, jobs and keys. The stored index is left out: it is built again from the vectors. Thumbnails are made again from the pictures.
/// </summary>
public static class DatabaseBackup
{
    private const int BufferSize = 1 << 20;

    /// <summary>Writes one snapshot to a file, which is there whole or not at all.</summary>
    /// <param name="report">Bytes written so far.</param>
    /// <exception cref="DatabaseException">pg_dump failed; says how.</exception>
    public static async Task WriteAsync(string connectionString, string file, Action<long> report, CancellationToken cancellationToken)
    {
        var unfinished = file + ".unfinished";
        try
        {
            await using (var output = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, BufferSize))
            {
                await RunAsync(
                    "pg_dump", connectionString,
                    ["--format=custom", "--no-owner", "--no-privileges", "--exclude-table=index_segment_*_*", "--exclude-table-data=index_manifest"],
                    (_, from) => CopyAsync(from, output, report, cancellationToken), cancellationToken);
                output.Flush(flushToDisk: true);
            }

            File.Move(unfinished, file, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    /// <summary>
    /// Puts a backup in the place of the database. It is read into a new one first, checked and brought up to date; then the two change
    /// places in one transaction, so that a kill at any moment leaves the old database or the new one. No one else may be connected.
    /// </summary>
    /// <param name="force">Replace a database that holds images.</param>
    /// <param name="report">Bytes read so far.</param>
    /// <exception cref="DatabaseException">The file is damaged, not ours or from a newer build, the database is not empty, or somebody uses
    /// it; says which. The database is as it was.</exception>
    public static async Task RestoreAsync(
        string connectionString, string file, bool force, Action<long> report, CancellationToken cancellationToken)
    {
        var target = new NpgsqlConnectionStringBuilder(connectionString).Database!;
        if (!force && await CountImagesAsync(With(connectionString, target), cancellationToken) is > 0 and var images)
        {
            throw new DatabaseException($"The database holds {images} images; --force replaces them by the backup's.");
        }

        var fresh = $"{target}_restored";
        await using var admin = await OpenAsync(With(connectionString, "postgres"), cancellationToken);
        await ExecuteAsync(admin, $"drop database if exists {Quote(fresh)}", cancellationToken);
        await ExecuteAsync(admin, $"create database {Quote(fresh)} template template0", cancellationToken);
        try
        {
            await using (var input = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize))
            {
                await RunAsync(
                    "pg_restore", With(connectionString, fresh), ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", $"--dbname={fresh}"],
                    (to, _) => FeedAsync(input, to, report, cancellationToken), cancellationToken);
            }

            await Migrator.ApplyAsync(With(connectionString, fresh), Migration.Embedded, cancellationToken);
            await using (var restored = await OpenAsync(With(connectionString, fresh), cancellationToken))
            {
                // Whoever ran them is not there any more.
                await ExecuteAsync(restored, "update job set state = 'queued', worker = null, lease_until = null where state = 'running'", cancellationToken);
            }

            await SwapAsync(admin, target, fresh, cancellationToken);
        }
        catch (PostgresException e)
        {
            throw new DatabaseException($"{file} was not restored: {e.MessageText}", e);
        }
        finally
        {
            await ExecuteAsync(admin, $"drop database if exists {Quote(fresh)}", CancellationToken.None);
        }
    }

    // After it, the old database has the other's name and is dropped with it.
    private static async Task SwapAsync(NpgsqlConnection admin, string target, string fresh, CancellationToken cancellationToken)
    {
        var aside = $"{target}_replaced";
        await using var transaction = await admin.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(admin, $"alter database {Quote(target)} rename to {Quote(aside)}", cancellationToken);
        await ExecuteAsync(admin, $"alter database {Quote(fresh)} rename to {Quote(target)}", cancellationToken);
        await ExecuteAsync(admin, $"alter database {Quote(aside)} rename to {Quote(fresh)}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<long> CountImagesAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(connectionString, cancellationToken);
        await using var there = new NpgsqlCommand("select to_regclass('image') is not null", connection);
        if (await there.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return 0;
        }

        await using var count = new NpgsqlCommand("select count(*) from image", connection);
        return (long)(await count.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task RunAsync(
        string program, string connectionString, IReadOnlyList<string> arguments, Func<Stream, Stream, Task> exchange,
        CancellationToken cancellationToken)
    {
        var programs = await PostgresPrograms.FindAsync(cancellationToken);
        var start = new ProcessStartInfo(Path.Combine(programs.Folder, program), arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        SetEnvironment(start, new NpgsqlConnectionStringBuilder(connectionString));
        using var process = Process.Start(start)!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await exchange(process.StandardInput.BaseStream, process.StandardOutput.BaseStream);
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
            {
                throw new DatabaseException($"{program} failed: {(await errors).Trim()}");
            }
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    private static void SetEnvironment(ProcessStartInfo start, NpgsqlConnectionStringBuilder connection)
    {
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["PGHOST"] = connection.Host;
        start.Environment["PGPORT"] = connection.Port.ToString(CultureInfo.InvariantCulture);
        start.Environment["PGUSER"] = connection.Username;
        start.Environment["PGDATABASE"] = connection.Database;
        start.Environment["PGSSLMODE"] = connection.SslMode.ToString().ToLowerInvariant() switch
        {
            "verifyca" => "verify-ca",
            "verifyfull" => "verify-full",
            var mode => mode,
        };
        if (connection.Password is { Length: > 0 } password)
        {
            start.Environment["PGPASSWORD"] = password;
        }
    }

    private static async Task CopyAsync(Stream from, Stream to, Action<long> report, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        long done = 0;
        for (int read; (read = await from.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            report(done += read);
        }
    }

    private static async Task FeedAsync(Stream from, Stream to, Action<long> report, CancellationToken cancellationToken)
    {
        try
        {
            await CopyAsync(from, to, report, cancellationToken);
        }
        catch (IOException)
        {
            // pg_restore has had enough, and says why.
        }

        to.Close();
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch (NpgsqlException e)
        {
            await connection.DisposeAsync();
            throw new DatabaseException($"The database {connection.Database} on {connection.Host} cannot be reached: {e.Message}", e);
        }
    }

    // A pooled connection would keep the database from being renamed.
    private static string With(string connectionString, string database) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Database = database, Pooling = false }.ConnectionString;

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
