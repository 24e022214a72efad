using Npgsql;
using Sightline.Search;

namespace Sightline.TestKit;

/// <summary>
/// A real PostgreSQL for a test class or collection: a private cluster in a temporary folder, stopped and deleted at the end.
/// Each <see cref="CreateDatabaseAsync"/> gives a database of its own.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    // A test's data need not outlive a power cut.
    private static readonly Dictionary<string, string> Fast = new() { ["fsync"] = "off", ["full_page_writes"] = "off" };

    private readonly TemporaryFolder _folder;
    private readonly PrivateCluster _cluster;
    private int _databases;

    private PostgresServer(TemporaryFolder folder, PrivateCluster cluster)
    {
        _folder = folder;
        _cluster = cluster;
    }

    public static async Task<PostgresServer> StartAsync()
    {
        var folder = new TemporaryFolder(passable: true);
        var data = DataFolder.Open(folder.Path);
        return new PostgresServer(folder, await PrivateCluster.StartAsync(data, Fast, CancellationToken.None));
    }

    /// <summary>An empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateEmptyDatabaseAsync()
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await using var source = NpgsqlDataSource.Create(_cluster.ConnectionTo("postgres") + ";Pooling=false");
        await using var create = source.CreateCommand($"create database {name}");
        await create.ExecuteNonQueryAsync();
        return _cluster.ConnectionTo(name);
    }

    /// <summary>A database with all migrations applied.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var connectionString = await CreateEmptyDatabaseAsync();
        await Migrator.ApplyAsync(connectionString, Migration.Embedded, CancellationToken.None);
        return connectionString;
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await _cluster.DisposeAsync();
        _folder.Dispose();
    }
}
