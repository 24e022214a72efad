using System.Text.Json;
using Sightline.Curation;
using Sightline.Search;

namespace Sightline.Indexer;

/// <summary>A job that learns more about a dataset's pairs, which are counted again once it has ended well.</summary>
internal sealed class RecountingJob(IJob inner, CurationStore store, CurationFolder folder) : IJob
{
    public JobProgress Progress() => inner.Progress();

    public string Summary() => inner.Summary();

    public async Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        await inner.RunAsync(job, cancellationToken);
        var id = new DatasetId(JsonSerializer.Deserialize<DatasetArgument>(job.Arguments, JsonSerializerOptions.Web)!.Dataset);
        await store.SaveStatisticsAsync(id, DatasetCounter.Count(folder.Dataset(id), cancellationToken), cancellationToken);
    }

    private sealed record DatasetArgument(long Dataset);
}
