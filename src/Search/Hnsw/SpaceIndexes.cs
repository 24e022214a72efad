using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sightline.Models;

namespace Sightline.Search;

/// <summary>The indexes of this process, one for each space that somebody asked for. Thread-safe.</summary>
/// <param name="first">The space that queries run in: opened at start.</param>
internal sealed class SpaceIndexes(
    NpgsqlDataSource dataSource, Catalog catalog, EmbeddingSpace first, IndexOptions options, TimeProvider time, ILoggerFactory loggers)
    : BackgroundService
{
    private readonly ConcurrentDictionary<EmbeddingSpace, Lazy<SpaceIndex>> _open = new();
    private readonly Meter _meter = new(Telemetry.MeterName);
    private readonly Channel<SpaceIndex> _opened = Channel.CreateUnbounded<SpaceIndex>();

    /// <summary>The index of a space; the first to ask has it loaded.</summary>
    internal SpaceIndex Open(EmbeddingSpace space) => _open.GetOrAdd(space, s => new Lazy<SpaceIndex>(() => Create(s))).Value;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Observe("sightline.index.vectors", "{vector}", "Vectors that a search can find.", index => index.Count);
        Observe("sightline.index.segments", "{segment}", "Segments of the vector index.", index => index.Segments.Count);
        Observe("sightline.index.tail", "{row}", "Rows not yet in a segment, searched one by one.", index => index.TailRows);
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_open.Values.Select(index => index.Value.StopAsync(cancellationToken)));
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Open(first);
        var running = new List<Task>();
        var next = _opened.Reader.ReadAsync(stoppingToken).AsTask();
        while (true)
        {
            var ended = await Task.WhenAny([next, .. running]);
            if (ended != next)
            {
                await ended;
                running.Remove(ended);
                continue;
            }

            running.Add((await next).RunAsync(stoppingToken));
            next = _opened.Reader.ReadAsync(stoppingToken).AsTask();
        }
    }

    private void Observe(string name, string unit, string description, Func<VectorIndex, long> read) =>
        _meter.CreateObservableGauge(name, () => _open.Select(open => new Measurement<long>(
            open.Value.IsValueCreated ? read(open.Value.Value.Vectors) : 0,
            new KeyValuePair<string, object?>("space", open.Key.ToString()))), unit, description);

    private SpaceIndex Create(EmbeddingSpace space)
    {
        var vectors = new VectorIndex(space.Dimensions);
        var store = new IndexStore(catalog, space, loggers.CreateLogger<IndexStore>());
        var keeper = new IndexKeeper(vectors, space, store, options, time, loggers.CreateLogger<IndexKeeper>());
        var facts = new FactTable();
        var follower = new IndexFollower(
            dataSource, catalog, space, vectors, facts, store, keeper, options, time, loggers.CreateLogger<IndexFollower>());
        var index = new SpaceIndex(space, vectors, facts, follower, keeper, store);
        _opened.Writer.TryWrite(index);
        return index;
    }
}
