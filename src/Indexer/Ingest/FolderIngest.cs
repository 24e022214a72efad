using Sightline.Models;
using Sightline.Search;

namespace Sightline.Indexer.Ingest;

/// <summary>
/// A folder into the catalogue: the scan cuts what is new into parts, and this process and any number of workers elsewhere deal with
/// them. What is acknowledged is committed, so a run that is killed is simply run again: what it stored is unchanged then.
/// </summary>
internal sealed class FolderIngest(Catalog catalog, JobParts parts, IngestPipeline pipeline, IEmbedder embedder, TimeProvider time)
{
    private const int PartFiles = 64;

    /// <param name="worker">Names this process among the workers.</param>
    /// <exception cref="IOException">The root cannot be read: nothing is marked missing, since a disk may only be unplugged.</exception>
    internal async Task RunAsync(
        JobId job, string worker, RootFolder root, string? ownFolder, IngestCounters counters, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        // Of an earlier, killed run.
        await parts.ClearAsync(job, worker, stop.Token);
        try
        {
            var scanned = Stage.RunAsync(() => ScanAsync(job, root, ownFolder, counters, stop.Token), null, stop);
            var feed = new PartFeed(parts, worker, time);
            var done = Stage.RunAsync(
                () => feed.RunAsync(
                    pipeline, counters,
                    async token => await parts.ClaimAsync(job, worker, token) is { } part ? (part, root) : null,
                    async token =>
                    {
                        // Asked in this order: the last part is there once the scan has ended.
                        var isScanned = scanned.IsCompleted;
                        var state = await parts.ReadStateAsync(job, worker, token);
                        counters.SetOthers(state.Workers, state.Counts);
                        return isScanned && state.Open == 0;
                    },
                    isElsewhere: false, stop.Token),
                null, stop);
            await Task.WhenAll(scanned, done);
        }
        finally
        {
            await parts.ClearAsync(job, worker, CancellationToken.None);
        }
    }

    private async Task ScanAsync(JobId job, RootFolder root, string? ownFolder, IngestCounters counters, CancellationToken cancellationToken)
    {
        var files = new List<IngestFile>(PartFiles);
        await new FolderScan(catalog, time).RunAsync(root, embedder.Space, ownFolder, counters, async file =>
        {
            files.Add(file);
            if (files.Count == PartFiles)
            {
                await AddAsync();
            }
        }, cancellationToken);
        if (files.Count > 0)
        {
            await AddAsync();
        }

        async Task AddAsync()
        {
            await parts.AddAsync(job, root.Id, embedder.Space.Digest, IngestPart.Write(files), cancellationToken);
            files.Clear();
        }
    }
}
