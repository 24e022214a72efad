using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sightline.Models;

namespace Sightline.Search;

/// <summary>
/// Builds closed runs into segments and, in the time that queries leave, merges segments, and stores the result. Two lanes, so that a
/// long merge does not let the tail grow.
/// </summary>
internal sealed class IndexKeeper(
    VectorIndex index, EmbeddingSpace space, IndexStore store, IndexOptions options, TimeProvider time, ILogger<IndexKeeper> logger)
    : BackgroundService
{
    // A tail that is not built in slows every query down, a merge put off costs little.
    private const int FlushNiceness = 10;
    private const int MergeNiceness = 15;

    private readonly SemaphoreSlim _flushWanted = new(0, 1);
    private readonly SemaphoreSlim _mergeWanted = new(0, 1);

    /// <summary>There may be something to do.</summary>
    internal void Wake()
    {
        Signal(_flushWanted);
        Signal(_mergeWanted);
    }

    public override void Dispose()
    {
        base.Dispose();
        _flushWanted.Dispose();
        _mergeWanted.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        WorkAsync(_flushWanted, index.PlanFlush, FlushNiceness, stoppingToken),
        WorkAsync(_mergeWanted, index.PlanMerge, MergeNiceness, stoppingToken));

    private static void Signal(SemaphoreSlim wanted)
    {
        // Two threads may both see 0; the second release says what the first has said.
        if (wanted.CurrentCount == 0)
        {
            try
            {
                wanted.Release();
            }
            catch (SemaphoreFullException)
            {
            }
        }
    }

    private async Task WorkAsync(SemaphoreSlim wanted, Func<MergePlan?> plan, int niceness, CancellationToken cancellationToken)
    {
        using var threads = new BackgroundThreads(Environment.ProcessorCount, niceness);
        var isUnsaved = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await wanted.WaitAsync(isUnsaved ? options.RetryAfter : Timeout.InfiniteTimeSpan, cancellationToken);
                while (plan() is { } next)
                {
                    await CarryAsync(next, threads, cancellationToken);
                    isUnsaved = true;
                    await store.WriteAsync(index, cancellationToken);
                    isUnsaved = false;
                    Signal(_mergeWanted);
                }

                if (isUnsaved)
                {
                    await store.WriteAsync(index, cancellationToken);
                    isUnsaved = false;
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException or OutOfMemoryException)
            {
                isUnsaved = true;
                logger.IndexNotKept(e, space.ToString(), options.RetryAfter.TotalSeconds);
            }
        }
    }

    private async Task CarryAsync(MergePlan plan, BackgroundThreads threads, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        await threads.RunAsync(parallel => index.Carry(plan, options.BuildBeam, parallel, progress: null), cancellationToken);
        logger.SegmentBuilt(
            plan.Segments.Sum(s => s.Rows) + plan.Runs.Sum(r => r.Count), space.ToString(), index.Segments.Count,
            time.GetElapsedTime(started).TotalMilliseconds);
    }
}
