using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Sightline.Search;

/// <summary>A step of the schema: <c>NNNN_verb_noun.sql</c>.</summary>
public sealed record Migration(int Number, string Name, string Sql)
{
    /// <summary>SHA-256 of the text, lower-case hexadecimal.</summary>
    public string Digest { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql)));

    /// <summary>The migrations that this build carries, in order.</summary>
    public static IReadOnlyList<Migration> Embedded { get; } = Read(typeof(Migration).Assembly);

    private static List<Migration> Read(Assembly assembly) =>
        [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith("migrations/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                var file = Path.GetFileNameWithoutExtension(name);
                return new Migration(int.Parse(file.AsSpan(0, 4), CultureInfo.InvariantCulture), file[5..], reader.ReadToEnd());
            })];
}

/// <summary>
/// Brings a database up to date: forward only, each step in one transaction with its journal row, all under an advisory lock, so that two
/// processes that start at once apply each step once.
/// </summary>
public static class Migrator
{
    private const long LockKey = 0x5347_4d49_4752; // "SGMIGR"

    /// <returns>How many steps were applied.</returns>
    /// <exception cref="DatabaseException">A step that was applied has changed since, or the database is ahead of this build.</exception>
    public static async Task<int> ApplyAsync(string connectionString, IReadOnlyList<Migration> migrations,
        CancellationToken cancellationToken)
    {
        // A connection of its own, closed for real: the advisory lock belongs to the session.
        await using var source = DataSources.Open(connectionString + ";Pooling=false");
        await using var connection = source.CreateConnection();
        await OpenAsync(connection, cancellationToken);
        await ExecuteAsync(connection, $"select pg_advisory_lock({LockKey})", cancellationToken);
        await ExecuteAsync(connection, """
            create table if not exists migration_journal (
                number integer primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now())
            """, cancellationToken);
        var applied = await ReadJournalAsync(connection, cancellationToken);
        Check(applied, migrations);
        var pending = migrations.Where(m => !applied.ContainsKey(m.Number)).ToList();
        foreach (var migration in pending)
        {
            await ApplyAsync(connection, migration, cancellationToken);
        }

        return pending.Count;
    }

    /// <summary>Makes sure that a database that another process looks after is this build's, and changes nothing.</summary>
    /// <exception cref="DatabaseException">It cannot be reached, or it is of an older or a newer build.</exception>
    public static async Task CheckAsync(string connectionString, IReadOnlyList<Migration> migrations, CancellationToken cancellationToken)
    {
        await using var source = DataSources.Open(connectionString + ";Pooling=false");
        await using var connection = source.CreateConnection();
        await OpenAsync(connection, cancellationToken);
        Dictionary<int, (string Name, string Digest)> applied;
        try
        {
            applied = await ReadJournalAsync(connection, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            throw new DatabaseException($"{connection.Database} is no database of Sightline's yet: start a server on it first.");
        }

        Check(applied, migrations);
        if (migrations.FirstOrDefault(m => !applied.ContainsKey(m.Number)) is { } pending)
        {
            throw new DatabaseException(
                $"The database does not have migration {pending.Number:D4}_{pending.Name} yet: its server is older. Start this build's server on it first.");
        }
    }

    private static async Task OpenAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await connection.OpenAsync(cancellationToken);
        }
        catch (NpgsqlException e)
        {
            throw new DatabaseException($"The database {connection.Database} on {connection.Host} cannot be reached: {e.Message}", e);
        }
    }

    private static async Task<Dictionary<int,
        (string Name, string Digest)>> ReadJournalAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select number, name, sha256 from migration_journal", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var applied = new Dictionary<int, (string, string)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            applied.Add(reader.GetInt32(0), (reader.GetString(1), reader.GetString(2)));
        }

        return applied;
    }

    private static void Check(Dictionary<int, (string Name, string Digest)> applied, IReadOnlyList<Migration> migrations)
    {
        var known = migrations.ToDictionary(m => m.Number);
        foreach (var (number, (name, digest)) in applied)
        {
            if (!known.TryGetValue(number, out var migration))
            {
                throw new DatabaseException(
                    $"The database has migration {number:D4}_{name}, which this build does not know: start a newer Sightline.");
            }

            if (migration.Digest != digest)
            {
                throw new DatabaseException($"Migration {number:D4}_{name} was applied in another form than this build has: "
                    + "migrations that have landed are never edited. Restore the file, or add a new step.");
            }
        }
    }

    private static async Task ApplyAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await ExecuteAsync(connection, migration.Sql, cancellationToken);
        }
        catch (PostgresException e)
        {
            throw new DatabaseException($"Migration {migration.Number:D4}_{migration.Name} failed: {e.MessageText}", e);
        }

        await using var journal = new NpgsqlCommand("insert into migration_journal (number, name, sha256) values ($1, $2, $3)", connection)
        {
            Parameters = { new() { Value = migration.Number }, new() { Value = migration.Name }, new() { Value = migration.Digest } },
        };
        await journal.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
