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
}
