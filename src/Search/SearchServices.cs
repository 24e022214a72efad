using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sightline.Models;

namespace Sightline.Search;

/// <summary>Options of the search room.</summary>
/// <param name="Data">Where thumbnails and the private cluster live.</param>
/// <param name="ConnectionString">An external PostgreSQL; null runs the private cluster.</param>
public sealed record SearchOptions(DataFolder Data, string? ConnectionString)
{
    /// <summary>Limits of fetching pictures that users name by their address.</summary>
    public FetchOptions Fetch { get; init; } = new();

    /// <summary>Names the process that holds the data folder's lock, also after it was killed and started again.</summary>
    public string Worker => $"{Environment.MachineName}:{Data.Root}";

    /// <summary>How the vector index is kept.</summary>
    public IndexOptions Index { get; init; } = new();
}

public static class SearchServices
{
    /// <summary>
    /// Opens the database (starting the private cluster where there is no connection string), migrates it under an advisory lock, and
    /// registers NpgsqlDataSource, <see cref="Catalog"/>, <see cref="JobQueue"/>, <see cref="ThumbnailStore"/>,
    /// <see cref="SearchEngine"/> and the hosted service that keeps the vector index. <see cref="IEmbedder"/>,
    /// <see cref="DeviceQueue"/> and TimeProvider must be registered by the host. Disposing the returned object after the host has
    /// stopped stops the private cluster.
    /// </summary>
    /// <exception cref="DatabaseException">The database cannot be started, reached or brought up to date.</exception>
    public static async Task<IAsyncDisposable> AddSearchAsync(
        this IServiceCollection services, SearchOptions options, CancellationToken cancellationToken)
    {
        var cluster = options.ConnectionString is null
            ? await PrivateCluster.StartAsync(options.Data, settings: null, cancellationToken)
            : null;
        var connectionString = options.ConnectionString ?? cluster!.ConnectionString;
        try
        {
            await Migrator.ApplyAsync(connectionString, Migration.Embedded, cancellationToken);
        }
        catch
        {
            if (cluster is not null)
            {
                await cluster.DisposeAsync();
            }

            throw;
        }

        var dataSource = services.AddCatalog(options, connectionString);
        services.AddSingleton<ApiKeys>();
        services.AddSingleton(new PictureFetcher(options.Fetch));
        services.AddSingleton(provider => new SpaceIndexes(
            dataSource, provider.GetRequiredService<Catalog>(), provider.GetRequiredService<IEmbedder>().Space, options.Index,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<SpaceIndexes>());
        services.AddSingleton(provider => new SearchEngine(
            provider.GetRequiredService<Catalog>(), provider.GetRequiredService<SpaceIndexes>(), provider.GetRequiredService<IEmbedder>(),
            provider.GetRequiredService<DeviceQueue>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new Tagger(
            provider.GetRequiredService<Catalog>(), provider.GetRequiredService<SpaceIndexes>(), provider.GetRequiredService<IEmbedder>(),
            provider.GetRequiredService<DeviceQueue>()));
        return new OpenDatabase(dataSource, cluster);
    }

    /// <summary>
    /// Opens the database of a server that runs, without the vector index, and registers NpgsqlDataSource, <see cref="Catalog"/>,
    /// <see cref="JobQueue"/>, <see cref="JobParts"/> and <see cref="ThumbnailStore"/>: what a worker needs. Its version must be this
    /// program's.
    /// </summary>
    /// <exception cref="DatabaseException">No server runs there, or the database is of another build.</exception>
    public static async Task<IAsyncDisposable> AddCatalogAsync(
        this IServiceCollection services, SearchOptions options, CancellationToken cancellationToken)
    {
        var connectionString = options.ConnectionString ?? PrivateCluster.ConnectionTo(options.Data);
        try
        {
            await Migrator.CheckAsync(connectionString, Migration.Embedded, cancellationToken);
        }
        catch (DatabaseException e) when (options.ConnectionString is null && e.InnerException is NpgsqlException)
        {
            throw new DatabaseException(
                $"No server runs on {options.Data.Root}: start one there (sightline serve), or name its database with --database. ({e.Message})");
        }

        return services.AddCatalog(options, connectionString);
    }

    private static NpgsqlDataSource AddCatalog(this IServiceCollection services, SearchOptions options, string connectionString)
    {
        var dataSource = DataSources.Open(connectionString);
        services.AddSingleton(options);
        services.AddSingleton(dataSource);
        services.AddSingleton<Catalog>();
        services.AddSingleton<JobQueue>();
        services.AddSingleton<JobParts>();
        services.AddSingleton(new ThumbnailStore(options.Data.Thumbnails));
        return dataSource;
    }

    private sealed class OpenDatabase(NpgsqlDataSource dataSource, PrivateCluster? cluster) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await dataSource.DisposeAsync();
            if (cluster is not null)
            {
                await cluster.DisposeAsync();
            }
        }
    }
}
