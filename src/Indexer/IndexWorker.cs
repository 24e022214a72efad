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

    private readonly string _worker = $"{Environment.MachineName}:{Environment.ProcessId}";
    private IReadOnlyList<RootFolder> _roots = [];
    private long _lookedForRoots;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var feed = new PartFeed(parts, _worker, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await feed.RunAsync(pipeline, progress.Counters, ClaimAsync, _ => Task.FromResult(false), isElsewhere: true, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // What is left of the claimed parts is another's at once.
                await parts.ReleaseAsync(_worker, CancellationToken.None);
                return;
            }
            catch (NpgsqlException e)
            {
                logger.DatabaseLost(e);
                await Task.Delay(PartFeed.Poll, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<(JobPart Part, RootFolder Root)?> ClaimAsync(CancellationToken cancellationToken)
    {
        if (_lookedForRoots == 0 || time.GetElapsedTime(_lookedForRoots) > LookForRootsEvery)
        {
            _lookedForRoots = time.GetTimestamp();
            _roots = [.. (await catalog.ReadRootsAsync(cancellationToken)).Where(r => Directory.Exists(r.Path))];
        }

        return await parts.ClaimAsync(embedder.Space.Digest, [.. _roots.Select(r => r.Id)], _worker, cancellationToken) is { } part
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
