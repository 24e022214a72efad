using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sightline.Curation;
using Sightline.Models;
using Sightline.Search;
using Sightline.TestKit;

namespace Sightline.Indexer.Tests;

public sealed class IndexerServicesTests
{
    [Fact]
    public async Task Each_kind_of_job_can_be_made()
    {
        await using var server = await PostgresServer.StartAsync();
        using var folder = new TemporaryFolder();
        var data = DataFolder.Open(folder.Path);
        var options = new SearchOptions(data, await server.CreateDatabaseAsync());
        var services = new ServiceCollection();
        services.AddSingleton(options).AddSingleton(TimeProvider.System).AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance)
            .AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddSingleton<IEmbedder>(new PointEmbedder()).AddSingleton(new DeviceQueue());
        await using var database = await services.AddSearchAsync(options, default);
        services.AddCuration(new ModelCatalog(folder.Path, folder.Path));
        services.AddIndexer();
        await using var provider = services.BuildServiceProvider();

        var kinds = provider.GetServices<IHostedService>().OfType<JobRunner>().SelectMany(r => r.Kinds).ToDictionary();

        string[] all =
        [
            IndexRequest.Kind, TagRequest.Kind, CurationJobs.Import, CurationJobs.Run, CurationJobs.Export, CurationJobs.Sweep, MeasureRequest.Kind,
            DownloadRequest.Kind,
        ];
        Assert.Equal(all.Order(StringComparer.Ordinal), kinds.Keys.Order(StringComparer.Ordinal));
        Assert.All(kinds.Values, make => Assert.NotSame(make(), make()));
    }
}
