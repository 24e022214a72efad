using Microsoft.Extensions.DependencyInjection;
using Sightline.Models;

namespace Sightline.Search;

/// <summary>Options of the search room.</summary>
/// <param name="Data">Where thumbnails and the private cluster live.</param>
/// <param name="ConnectionString">An external PostgreSQL; null runs the private cluster.</param>
public sealed record SearchOptions(DataFolder Data, string? ConnectionString);

public static class SearchServices
{
    /// <summary>
    /// Opens the database (starting the private cluster where there is no connection string), migrates it under an advisory lock, and
    /// registers NpgsqlDataSource, <see cref="Catalog"/>, <see cref="JobQueue"/>, <see cref="ThumbnailStore"/>,
    /// <see cref="SearchEngine"/> and the hosted service that follows the change log. <see cref="IEmbedder"/>,
    /// <see cref="DeviceQueue"/> and TimeProvider must be registered by the host. Disposing the returned object after the host has
    /// stopped stops the private cluster.
    /// </summary>
    public static Task<IAsyncDisposable> AddSearchAsync(this IServiceCollection services, SearchOptions options, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
