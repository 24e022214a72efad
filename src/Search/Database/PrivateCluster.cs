using System.Globalization;
using Npgsql;

namespace Sightline.Search;

/// <summary>
/// PostgreSQL without set-up: a cluster of our own in the data folder, reached through a Unix socket only, authenticated by the
/// operating system (peer). One daemon owns it; an orphan left by a killed daemon is adopted.
/// </summary>
public sealed class PrivateCluster : IAsyncDisposable
{
    private const string Role = "sightline";

    private static readonly IReadOnlyDictionary<string, string> Defaults = new Dictionary<string, string>
    {
        ["listen_addresses"] = "",
        ["unix_socket_permissions"] = "0700",
        ["shared_buffers"] = "128MB",
        ["max_wal_size"] = "2GB",
        ["wal_compression"] = "on",
        ["max_connections"] = "64",
        ["log_min_messages"] = "warning",
        ["cluster_name"] = Role,
    };

    private readonly PostgresPrograms _programs;
    private readonly DataFolder _data;

    private PrivateCluster(PostgresPrograms programs, DataFolder data)
    {
        _programs = programs;
        _data = data;
        ConnectionString = ConnectionTo(Role);
    }

    /// <summary>To Sightline's own database in this cluster.</summary>
    public string ConnectionString { get; }

    private string ServerLog => Path.Combine(_data.Postgres, "server.log");

    /// <summary>Creates the cluster where there is none, starts it or adopts the one that runs, and makes sure of the database.</summary>
    /// <param name="data">The caller holds this folder's lock.</param>
    /// <param name="settings">Server settings over the defaults.</param>
    /// <param name="cancellationToken">Stops waiting; a cluster that was being created is left out of sight and removed by the next
    /// start.</param>
    /// <exception cref="DatabaseException">Says which step failed, with PostgreSQL's own words.</exception>
    public static async Task<PrivateCluster> StartAsync(
        DataFolder data, IReadOnlyDictionary<string, string>? settings, CancellationToken cancellationToken)
    {
        var cluster = new PrivateCluster(await PostgresPrograms.FindAsync(cancellationToken), data);
        await cluster.CreateFolderAsync(data.PostgresSocket, cancellationToken);
        if (!Directory.Exists(data.Postgres))
        {
            await cluster.CreateAsync(cancellationToken);
        }

        cluster.CheckVersion();
        if (!await cluster.AdoptAsync(cancellationToken))
        {
            await cluster.StartServerAsync(settings, cancellationToken);
        }

        await cluster.EnsureDatabaseAsync(cancellationToken);
        return cluster;
    }

    /// <summary>A connection string to another database of this cluster.</summary>
    public string ConnectionTo(string database) => ConnectionTo(_data, database);

    /// <summary>To Sightline's own database in the cluster that some process runs on this folder.</summary>
    public static string ConnectionTo(DataFolder data) => ConnectionTo(data, Role);

    private static string ConnectionTo(DataFolder data, string database) => new NpgsqlConnectionStringBuilder
    {
        Host = data.PostgresSocket,
        Username = Role,
        Database = database,
        MaxPoolSize = 32,
        ApplicationName = Role,
    }.ConnectionString;

    /// <summary>Stops the server, disconnecting whoever is left; what was committed is on disk.</summary>
    public async ValueTask DisposeAsync()
    {
        var (exit, output) = await Command.RunAsync(
            _programs.Invocation("pg_ctl", "stop", "-D", _data.Postgres, "-m", "fast", "-w", "-t", "60"), CancellationToken.None);
        if (exit != 0 && File.Exists(Path.Combine(_data.Postgres, "postmaster.pid")))
        {
            throw new DatabaseException($"PostgreSQL in {_data.Postgres} did not stop: {output}");
        }
    }

    // Made under another name and renamed, so that a kill in the middle leaves nothing that looks like a cluster. The name is this
    // process's own: the initdb of one that was killed may still be writing to its.
    private async Task CreateAsync(CancellationToken cancellationToken)
    {
        var unfinished = string.Create(CultureInfo.InvariantCulture, $"{_data.Postgres}.unfinished-{Environment.ProcessId}");
        await CreateFolderAsync(unfinished, cancellationToken);
        var (exit, output) = await Command.RunAsync(
            _programs.Invocation("initdb", "-D", unfinished, "-U", Role, "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums",
                "--auth-local=peer", "--auth-host=reject"), cancellationToken);
        if (exit != 0)
        {
            throw new DatabaseException(_programs.RunAs is null
                ? $"initdb failed: {output}"
                : $"initdb, run as user {_programs.RunAs}, failed: {output}\nThat user must be able to enter {_data.Root}; name another folder with --data.");
        }

        await File.WriteAllTextAsync(Path.Combine(unfinished, "pg_hba.conf"), $"local all {Role} peer map={Role}\n", cancellationToken);
        Directory.Move(unfinished, _data.Postgres);
        foreach (var left in Directory.GetDirectories(_data.Root, Path.GetFileName(_data.Postgres) + ".unfinished-*"))
        {
            await Command.RunAsync(["rm", "-rf", left], cancellationToken);
        }
    }

    private async Task CreateFolderAsync(string path, CancellationToken cancellationToken)
    {
        string[] owner = _programs.RunAs is { } user ? ["-o", user, "-g", user] : [];
        var (exit, output) = await Command.RunAsync(["install", "-d", "-m", "0700", .. owner, path], cancellationToken);
        if (exit != 0)
        {
            throw new DatabaseException($"{path} cannot be created: {output}");
        }
    }

    private void CheckVersion()
    {
        var version = File.ReadAllText(Path.Combine(_data.Postgres, "PG_VERSION")).Trim();
        if (version != _programs.MajorVersion.ToString(CultureInfo.InvariantCulture))
        {
            throw new DatabaseException(
                $"{_data.Postgres} was made by PostgreSQL {version}, but {_programs.Folder} is version {_programs.MajorVersion}. "
                + $"Install postgresql-{version}, or convert the folder with pg_upgrade.");
        }
    }

    // A daemon that was killed leaves its server running. Ours again if it answers where we look for it; otherwise it must stop first.
    private async Task<bool> AdoptAsync(CancellationToken cancellationToken)
    {
        var (exit, _) = await Command.RunAsync(_programs.Invocation("pg_ctl", "status", "-D", _data.Postgres), cancellationToken);
        if (exit != 0)
        {
            return false;
        }

        (exit, _) = await Command.RunAsync(_programs.Invocation("pg_isready", "-h", _data.PostgresSocket, "-t", "10"), cancellationToken);
        if (exit == 0)
        {
            return true;
        }

        await DisposeAsync();
        return false;
    }

    private async Task StartServerAsync(IReadOnlyDictionary<string, string>? settings, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(Path.Combine(_data.Postgres, "pg_ident.conf"), $"{Role} {Environment.UserName} {Role}\n",
            cancellationToken);
        var log = new FileInfo(ServerLog);
        if (log.Exists && log.Length > 16 << 20)
        {
            log.MoveTo(ServerLog + ".old", overwrite: true);
        }

        var options = Defaults.Concat(settings ?? new Dictionary<string,
            string>()).Append(new("unix_socket_directories", _data.PostgresSocket));
        var (exit, output) = await Command.RunAsync(
            _programs.Invocation("pg_ctl", "start", "-D", _data.Postgres, "-w", "-t", "120", "-l", ServerLog,
                "-o", string.Join(' ', options.Select(o => $"-c {o.Key}='{o.Value}'"))), cancellationToken);
        if (exit != 0 && !await AdoptAsync(cancellationToken))
        {
            // Not even one that a killed process was starting at this moment.
            var tail = File.Exists(ServerLog) ? string.Join('\n', File.ReadLines(ServerLog).TakeLast(12)) : "";
            throw new DatabaseException($"PostgreSQL did not start: {output}\n{tail}");
        }
    }

    private async Task EnsureDatabaseAsync(CancellationToken cancellationToken)
    {
        await using var source = DataSources.Open(ConnectionTo("postgres") + ";Pooling=false");
        await using var exists = source.CreateCommand("select 1 from pg_database where datname = $1");
        exists.Parameters.Add(new() { Value = Role });
        if (await exists.ExecuteScalarAsync(cancellationToken) is null)
        {
            await using var create = source.CreateCommand($"create database {Role}");
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
