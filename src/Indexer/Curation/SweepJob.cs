using Sightline.Curation;
using Sightline.Search;

namespace Sightline.Indexer;

/// <summary>Runs a job of kind <see cref="CurationJobs.Sweep"/>: in the queue of the jobs that write those files, so that none does.</summary>
internal sealed class SweepJob(CurationStore store, CurationFolder folder) : IJob
{
    public JobProgress Progress() => JobProgress.None with { Stage = "deleting files", Unit = "files" };

    public string Summary() => "Files of forgotten datasets and runs are deleted.";

    public async Task RunAsync(Job job, CancellationToken cancellationToken) => folder.Sweep(
        (await store.ReadDatasetsAsync(cancellationToken)).Select(d => d.Id).ToHashSet(),
        (await store.ReadRunsAsync(null, int.MaxValue, cancellationToken)).Select(r => r.Id).ToHashSet(),
        await store.ReadExportIdsAsync(cancellationToken));
}
