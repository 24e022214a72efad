using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sightline.Curation;
using Sightline.Indexer.Download;
using Sightline.Indexer.Ingest;
using Sightline.Indexer.Measure;
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
        services.AddRunner("", provider => new Dictionary<string, Func<IJob>>
        {
            [IndexRequest.Kind] = provider.GetRequiredService<IndexJob>,
            [TagRequest.Kind] = provider.GetRequiredService<TagJob>,
        });

        // Curation works on the processor and the disk for long; searching and indexing go on beside it.
        services.AddTransient<DatasetImportJob>();
        services.AddTransient<CurationRunJob>();
        services.AddTransient<ExportJob>();
        services.AddTransient<SweepJob>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<DatasetMeasurer>(provider));
        services.AddTransient<MeasureJob>();
        services.AddRunner(":curation", provider => new Dictionary<string, Func<IJob>>
        {
            [CurationJobs.Import] = provider.GetRequiredService<DatasetImportJob>,
            [CurationJobs.Run] = provider.GetRequiredService<CurationRunJob>,
            [CurationJobs.Export] = provider.GetRequiredService<ExportJob>,
            [CurationJobs.Sweep] = provider.GetRequiredService<SweepJob>,

            // In this lane too: a run or an export must not read measures that change under it.
            [MeasureRequest.Kind] = () => ActivatorUtilities.CreateInstance<RecountingJob>(provider, provider.GetRequiredService<MeasureJob>()),
        });

        services.AddSingleton(provider => new DatasetDownload(
            provider.GetRequiredService<SearchOptions>().Fetch, TimeSpan.FromSeconds(1), provider.GetRequiredService<TimeProvider>()));
        services.AddTransient<DownloadJob>();
        services.AddRunner(":downloads", provider => new Dictionary<string, Func<IJob>>
        {
            [DownloadRequest.Kind] = provider.GetRequiredService<DownloadJob>,
        });
        return services;
    }

    private static void AddRunner(
        this IServiceCollection services, string suffix, Func<IServiceProvider, IReadOnlyDictionary<string, Func<IJob>>> kinds) =>
        services.AddSingleton<IHostedService>(provider => new JobRunner(
            provider.GetRequiredService<SearchOptions>().Worker + suffix, kinds(provider), provider.GetRequiredService<JobQueue>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<JobRunner>>()));

    /// <summary>Registers the hosted service that helps a server elsewhere with its index jobs, and <see cref="WorkerProgress"/>.</summary>
    public static IServiceCollection AddIndexWorker(this IServiceCollection services)
    {
        services.AddSingleton<IngestPipeline>();
        services.AddSingleton<WorkerProgress>();
        services.AddHostedService<IndexWorker>();
        return services;
    }
}
