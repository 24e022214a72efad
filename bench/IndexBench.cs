using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sightline.Models;
using Sightline.Models.Images;
using Sightline.Search;

namespace Sightline.Bench;

/// <summary>
/// The index with its database, on a private PostgreSQL: building against loading, the write-ahead log that inserts cost, queries beside a
/// writer at full rate, and near-duplicates.
/// </summary>
/// <param name="folder">See <see cref="AnnData"/>.</param>
public sealed class IndexBench(string folder)
{
    private const int Batch = 500;
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);

    private readonly Stopwatch _clock = new();
    private AnnData _data = null!;
    private EmbeddingSpace _space = null!;
    private Catalog _catalog = null!;
    private NpgsqlDataSource _dataSource = null!;
    private RootId _root;
    private int _added;

    /// <returns>Figures by name.</returns>
    public async Task<IReadOnlyList<KeyValuePair<string, double>>> RunAsync(TextWriter report, CancellationToken cancellationToken)
    {
        _data = new AnnData(folder);
        _space = new EmbeddingSpace("bench", new string('0', 64), _data.Dimensions);
        var temporary = Directory.CreateTempSubdirectory("sightline-bench-");
        File.SetUnixFileMode(temporary.FullName, (UnixFileMode)0b111_101_101);
        var cluster = await PrivateCluster.StartAsync(DataFolder.Open(temporary.FullName), settings: null, cancellationToken);
        try
        {
            await Migrator.ApplyAsync(cluster.ConnectionString, Migration.Embedded, cancellationToken);
            _dataSource = DataSources.Open(cluster.ConnectionString);
            _catalog = new Catalog(_dataSource, TimeProvider.System);
            _root = (await _catalog.AddRootAsync("/bench", [], cancellationToken)).Id;
            return await MeasureAsync(report, cancellationToken);
        }
        finally
        {
            await _dataSource.DisposeAsync();
            await cluster.DisposeAsync();
            temporary.Delete(recursive: true);
        }
    }

    private async Task<IReadOnlyList<KeyValuePair<string, double>>> MeasureAsync(TextWriter report, CancellationToken cancellationToken)
    {
        var figures = new List<KeyValuePair<string, double>>();
        async Task SayAsync(string name, double value, string meaning)
        {
            figures.Add(new(name, value));
            await report.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{name} {value:G5}: {meaning}"));
        }

        await AddAsync(_data.Rows - 20_000, cancellationToken);
        var (built, build) = await StartAsync(index => index.Vectors.TailRows == 0 || index.Vectors.PlanFlush() is null, cancellationToken);
        await SettleAsync(built, cancellationToken);
        await built.StopAsync(cancellationToken);
        var (indexes, load) = await StartAsync(_ => true, cancellationToken);
        var index = indexes.Open(_space);
        await SayAsync("index_build_seconds", build, $"from the rows, {_added} vectors");
        await SayAsync("index_load_seconds", load, "from the stored segments, every checksum verified");
        await SayAsync("ratio_load", build / load, "building over loading");

        var log = await WalAsync(cancellationToken);
        await AddAsync(1_000, cancellationToken);
        await SayAsync("wal_rows_1000", await WalAsync(cancellationToken) - log, "bytes of log for 1,000 inserts before they are built in");
        await AddAsync(9_000, cancellationToken);
        await SettleAsync(indexes, cancellationToken);
        await SayAsync("wal_all_1000", (await WalAsync(cancellationToken) - log) / 10, "the same for 10,000 inserts with the segments they became");

        var idle = Latencies(index, Measured, cancellationToken);
        await SayAsync("query_p50_idle_us", idle[idle.Count / 2], "200 queries/s, from when each was due, beam of the server");
        await SayAsync("query_p99_idle_us", idle[idle.Count * 99 / 100], "");
        foreach (var (name, perSecond) in new[] { ("1000", 1_000), ("full", int.MaxValue) })
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var before = _added;
            var writer = Task.Run(() => AddUntilAsync(perSecond, stop.Token), CancellationToken.None);
            var busy = Latencies(index, Measured, cancellationToken);
            await stop.CancelAsync();
            await writer;
            await SayAsync($"inserts_per_second_{name}", (_added - before) / Measured.TotalSeconds, "by a writer meanwhile");
            await SayAsync($"query_p50_{name}_us", busy[busy.Count / 2], "beside the writer");
            await SayAsync($"query_p99_{name}_us", busy[busy.Count * 99 / 100], "");
            await SayAsync($"ratio_p99_{name}", busy[busy.Count * 99 / 100] / idle[idle.Count * 99 / 100], "p99 beside the writer over p99 alone");
        }

        await SettleAsync(indexes, cancellationToken);
        _clock.Restart();
        var groups = new NearDuplicates(index.Vectors, 0.95f).Find(progress: null, cancellationToken).ToList();
        await SayAsync("duplicates_seconds", _clock.Elapsed.TotalSeconds,
            string.Create(CultureInfo.InvariantCulture, $"{groups.Count} groups with {groups.Sum(g => g.Length)} images above 0.95 among {index.Vectors.Count}"));
        await indexes.StopAsync(cancellationToken);
        return figures;
    }

    private async Task<(SpaceIndexes Indexes, double Seconds)> StartAsync(Func<SpaceIndex, bool> isReady, CancellationToken cancellationToken)
    {
        _clock.Restart();
        var indexes = new SpaceIndexes(_dataSource, _catalog, _space, new IndexOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        await indexes.StartAsync(cancellationToken);
        await indexes.Open(_space).Loaded.WaitAsync(cancellationToken);
        while (!isReady(indexes.Open(_space)))
        {
            await Task.Delay(10, cancellationToken);
        }

        return (indexes, _clock.Elapsed.TotalSeconds);
    }

    private async Task SettleAsync(SpaceIndexes indexes, CancellationToken cancellationToken)
    {
        var index = indexes.Open(_space);
        while (!index.IsSettled || index.Vectors.Count < _added)
        {
            await Task.Delay(20, cancellationToken);
        }
    }

    // A query is due every so often, whether the last one has ended or not; its latency counts from when it was due.
    private List<double> Latencies(SpaceIndex index, TimeSpan duration, CancellationToken cancellationToken)
    {
        var queries = Enumerable.Range(0, _data.Queries).Select(i => Embedding.Normalize(_space, _data.Query(i))).ToArray();
        var latencies = new List<double>();
        using var never = new ManualResetEventSlim();
        var clock = Stopwatch.StartNew();
        for (var due = Pace; due < duration; due += Pace)
        {
            if (due > clock.Elapsed)
            {
                never.Wait(due - clock.Elapsed, cancellationToken);
            }

            while (clock.Elapsed < due)
            {
                // A wait ends up to a millisecond early.
            }

            index.Search(queries[latencies.Count % queries.Length], 10, VectorFilter.None, cancellationToken);
            latencies.Add((clock.Elapsed - due).TotalMicroseconds);
        }

        latencies.Sort();
        return latencies;
    }

    private async Task AddUntilAsync(int perSecond, CancellationToken cancellationToken)
    {
        try
        {
            for (var clock = Stopwatch.StartNew(); ;)
            {
                var due = TimeSpan.FromSeconds((double)Batch / perSecond);
                clock.Restart();
                await AddAsync(Batch, cancellationToken);
                if (clock.Elapsed < due)
                {
                    await Task.Delay(due - clock.Elapsed, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    // Rows past the end of the set are its first ones again, moved a little.
    private async Task AddAsync(int count, CancellationToken cancellationToken)
    {
        for (var rest = count; rest > 0; rest -= Batch)
        {
            await _catalog.AddAsync([.. Enumerable.Range(_added, Math.Min(Batch, rest)).Select(Image)], cancellationToken);
            _added += Math.Min(Batch, rest);
        }
    }

    private NewImage Image(int number)
    {
        var vector = _data.Vector(number % _data.Rows).ToArray();
        vector[number % _data.Dimensions] += 0.01f * (number / _data.Rows);
        return new NewImage(
            _root, number.ToString(CultureInfo.InvariantCulture), SHA256.HashData(BitConverter.GetBytes(number)), 1, DateTimeOffset.UnixEpoch,
            new ImageMetadata("jpeg", 1, 1, 1, null, null, null, null), null, Provenance.Collected, Embedding.Normalize(_space, vector));
    }

    private async Task<double> WalAsync(CancellationToken cancellationToken)
    {
        await using var command = _dataSource.CreateCommand("select (pg_current_wal_lsn() - '0/0')::double precision");
        return (double)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
