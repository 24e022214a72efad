using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sightline.Models;

namespace Sightline.Search;

/// <summary>
/// Keeps a <see cref="VectorIndex"/> equal to the catalogue: loads it at start, then follows the change log, woken by NOTIFY. A lost
/// connection is opened again and the log read on from the same number, so nothing is missed.
/// </summary>
internal sealed class IndexFollower(
    NpgsqlDataSource dataSource, Catalog catalog, EmbeddingSpace space, VectorIndex index, FactTable facts, IndexStore store,
    IndexKeeper keeper, IndexOptions options, TimeProvider time, ILogger<IndexFollower> logger)
    : BackgroundService
{
    private const int BatchSize = 2000;

    // Deletions fill no run but lengthen the log: so many changes also close one.
    private const int ChangesPerRow = 4;

    // NOTIFY wakes us; this bounds the delay should a notification be lost with its connection.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Reconnect = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _followedTo;
    private long _changesInRun;

    /// <summary>Completes when the index holds all that was in the catalogue at start.</summary>
    internal Task Loaded => _loaded.Task;

    /// <summary>The change number up to which the index has followed.</summary>
    internal long FollowedTo => Volatile.Read(ref _followedTo);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                _loaded.TrySetCanceled(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException)
            {
                store.Disown();
                logger.IndexConnectionLost(e, FollowedTo);
                await Task.Delay(Reconnect, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception e)
            {
                // Whoever waits for the index learns why there is none; the host stops.
                _loaded.TrySetException(e);
                throw;
            }
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using (var listen = new NpgsqlCommand($"listen {Catalog.ChangeChannel}", connection))
        {
            await listen.ExecuteNonQueryAsync(cancellationToken);
        }

        await store.TryOwnAsync(connection, cancellationToken);
        if (!_loaded.Task.IsCompleted || await HasFallenBehindAsync(cancellationToken))
        {
            await LoadAsync(cancellationToken);
        }

        while (true)
        {
            await CatchUpAsync(cancellationToken);
            await connection.WaitAsync(LongestWait, cancellationToken);
            if (!store.IsOwner)
            {
                await store.TryOwnAsync(connection, cancellationToken);
                if (await HasFallenBehindAsync(cancellationToken))
                {
                    await LoadAsync(cancellationToken);
                }
            }
        }
    }

    // The owner prunes what the manifest has covered for a while; a follower that slept longer starts again from the manifest.
    private async Task<bool> HasFallenBehindAsync(CancellationToken cancellationToken) =>
        await catalog.ReadPrunedToAsync(space, cancellationToken) > FollowedTo;

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var loaded = new VectorIndex(index.Dimensions);

        // Vectors and facts are read side by side, each as they are at some moment from here on: what changes after is read again.
        var from = await catalog.ReadLastChangeAsync(space, cancellationToken);
        var rows = facts.Renewed();
        var rowsRead = catalog.ReadRowsAsync(space, rows.Set, cancellationToken);
        var number = await store.LoadAsync(loaded, cancellationToken);
        await rowsRead;
        facts.Become(rows);
        index.Become(loaded);
        _changesInRun = 0;
        Volatile.Write(ref _followedTo, Math.Min(from, number));
        await CatchUpAsync(cancellationToken);
        CloseFullRun();
        keeper.Wake();
        logger.IndexLoaded(index.Count, space.ToString(), index.Segments.Count, time.GetElapsedTime(started).TotalMilliseconds);
        _loaded.TrySetResult();
    }

    private async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changes = await catalog.ReadChangesAsync(space, FollowedTo, BatchSize, cancellationToken);
            foreach (var change in changes)
            {
                if (change.Vector is { } vector)
                {
                    facts.Set(change.Image, change.Row!);
                    index.Set(change.Image, change.Collection, vector);
                }
                else
                {
                    index.Remove(change.Image);
                    facts.Remove(change.Image);
                }

                Volatile.Write(ref _followedTo, change.Number);
            }

            _changesInRun += changes.Count;
            CloseFullRun();

            // Deletions alone can leave a segment mostly empty long before they close a run.
            if (changes.Count > 0 && index.PlanMerge() is not null)
            {
                keeper.Wake();
            }

            if (changes.Count < BatchSize)
            {
                return;
            }
        }
    }

    private void CloseFullRun()
    {
        if (index.OpenRows >= options.RunRows || _changesInRun >= (long)ChangesPerRow * options.RunRows)
        {
            index.CloseRun(FollowedTo);
            _changesInRun = 0;
            keeper.Wake();
        }
    }
}
