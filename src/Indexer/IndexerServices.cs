using Microsoft.Extensions.DependencyInjection;
using Sightline.Indexer.Ingest;
using Sightline.Search;

namespace Sightline.Indexer;

public static class IndexerServices
{
    /// <summary>Registers the hosted service that claims and runs jobs. The rooms below and <see cref="SearchOptions"/> must be
    /// registered.</summary>
    public static IServiceCollection AddIndexer(this IServiceCollection services)
    {
        services.AddSingleton<IngestPipeline>();
        services.AddSingleton<FolderIngest>();
        services.AddTransient<IndexJob>();
        services.AddTransient<TagJob>();
        services.AddSingleton<IReadOnlyDictionary<string, Func<IJob>>>(provider => new Dictionary<string, Func<IJob>>
        {
            [IndexRequest.Kind] = provider.GetRequiredService<IndexJob>,
            [TagRequest.Kind] = provider.GetRequiredService<TagJob>,
        });
        services.AddHostedService<JobRunner>();
        return services;
    }

    /// <summary>Registers the hosted service that helps a server elsewhere with its index jobs, and <see cref="WorkerProgress"/>.</summary>
    public static IServiceCollection AddIndexWorker(this IServiceCollection services)
    {
        services.AddSingleton<IngestPipeline>();
        services.AddSingleton<WorkerProgress>();
        services.AddHostedService<IndexWorker>();
        return services;
    }
}
