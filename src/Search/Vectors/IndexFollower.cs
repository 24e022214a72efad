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
    NpgsqlDataSource dataSource, Catalog catalog, VectorIndex index, IEmbedder embedder, TimeProvider time, ILogger<IndexFollower> logger)
    : BackgroundService
{
    private const int BatchSize = 2000;

    // NOTIFY wakes us; this bounds the delay should a notification be lost with its connection.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Reconnect = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _followedTo;

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
                logger.IndexConnectionLost(e, FollowedTo);
                await Task.Delay(Reconnect, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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

        if (!_loaded.Task.IsCompleted)
        {
            await LoadAsync(cancellationToken);
        }

        while (true)
        {
            await CatchUpAsync(cancellationToken);
            await connection.WaitAsync(LongestWait, cancellationToken);
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var number = await catalog.ReadVectorsAsync(embedder.Space, (image, vector) => index.Set(image, vector), cancellationToken);
        Volatile.Write(ref _followedTo, number);
        logger.IndexLoaded(index.Count, embedder.Space.ToString(), time.GetElapsedTime(started).TotalMilliseconds);
        _loaded.TrySetResult();
    }

    private async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changes = await catalog.ReadChangesAsync(embedder.Space, FollowedTo, BatchSize, cancellationToken);
            foreach (var change in changes)
            {
                if (change.Vector is { } vector)
                {
                    index.Set(change.Image, vector);
                }
                else
                {
                    index.Remove(change.Image);
                }

                Volatile.Write(ref _followedTo, change.Number);
            }

            if (changes.Count < BatchSize)
            {
                return;
            }
        }
    }
}
