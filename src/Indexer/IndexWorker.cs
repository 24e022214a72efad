using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sightline.Indexer.Ingest;
using Sightline.Models;
using Sightline.Search;

namespace Sightline.Indexer;

/// <summary>Helps with the index jobs of a server: claims their parts, from this process or this machine, until it is stopped.</summary>
internal sealed class IndexWorker(
    Catalog catalog, JobParts parts, IngestPipeline pipeline, IEmbedder embedder, WorkerProgress progress, TimeProvider time,
    ILogger<IndexWorker> logger) : BackgroundService
{
    private static readonly TimeSpan LookForRootsEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AfterALoss = TimeSpan.FromSeconds(5);

    private IReadOnlyList<RootFolder> _roots = [];
    private long _lookedForRoots;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            // A name for each run: it must not renew what an earlier one, which has forgotten its parts, had claimed.
            var worker = $"{Environment.MachineName}:{Guid.NewGuid():N}";
            try
            {
                await new PartFeed(parts, worker, time).RunAsync(
                    pipeline, progress.Counters, token => ClaimAsync(worker, token), isOver: null, isElsewhere: true, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // What is left of the claimed parts is another's at once.
                await parts.ReleaseAsync(worker, CancellationToken.None);
                return;
            }
            catch (NpgsqlException e)
            {
                logger.DatabaseLost(e);
                await Task.Delay(AfterALoss, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<(JobPart Part, RootFolder Root)?> ClaimAsync(string worker, CancellationToken cancellationToken)
    {
        if (_lookedForRoots == 0 || time.GetElapsedTime(_lookedForRoots) > LookForRootsEvery)
        {
            _lookedForRoots = time.GetTimestamp();
            _roots = [.. (await catalog.ReadRootsAsync(cancellationToken)).Where(r => Directory.Exists(r.Path))];
        }

        return await parts.ClaimAsync(embedder.Space.Digest, [.. _roots.Select(r => r.Id)], worker, cancellationToken) is { } part
            ? (part, _roots.First(r => r.Id == part.Root))
            : null;
    }
}

/// <summary>What a worker has done since it started.</summary>
public sealed class WorkerProgress(TimeProvider time)
{
    internal IngestCounters Counters { get; } = new(time, IngestPipeline.Decoders);

    /// <summary>To be called about twice a second, by one caller.</summary>
    public JobProgress Read() => Counters.Progress();
}
