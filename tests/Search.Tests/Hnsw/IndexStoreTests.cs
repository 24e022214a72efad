using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sightline.Models;

namespace Sightline.Search.Tests;

/// <summary>The index as the host keeps it, on a real database, with segments small enough to see many.</summary>
[Collection(PostgresCollection.Name)]
public sealed class IndexStoreTests(Postgres postgres) : IAsyncLifetime
{
    private static readonly EmbeddingSpace Space = new("store", new string('b', 64), 24);

    private readonly Vectors _vectors = Vectors.Clustered(3_000, 24, 30, 1);
    private string _connectionString = "";
    private NpgsqlDataSource _dataSource = null!;
    private Catalog _catalog = null!;
    private RootId _root;

    public async Task InitializeAsync()
    {
        _connectionString = await postgres.Server.CreateDatabaseAsync();
        _dataSource = NpgsqlDataSource.Create(_connectionString);
        _catalog = new Catalog(_dataSource, TimeProvider.System);
        _root = (await _catalog.AddRootAsync("/photos", [], default)).Id;
    }

    public async Task DisposeAsync() => await _dataSource.DisposeAsync();

    [Fact]
    public async Task A_start_loads_the_segments_and_reads_from_the_log_only_what_came_later()
    {
        await using (var first = await HostAsync())
        {
            await AddAsync(0, 2_900);
            await SettledAsync(first, 2_900);
        }

        var manifest = await _catalog.ReadManifestAsync(Space, default);
        Assert.InRange(manifest.Segments.Length, 1, 5);
        Assert.Equal(manifest.Segments.Length, await SegmentTablesAsync());
        await AddAsync(2_900, 100);
        await _catalog.MarkMissingAsync(_root, [PathOf(5), PathOf(2_950)], default);

        // The rows of the segments' vectors are not needed any more: without them the start is the same.
        await ExecuteAsync("update embedding set vector = '' where image_id <= 2600");
        await using var second = await HostAsync();

        Assert.Equal(2_998, second.Index.Vectors.Count);
        Assert.Null(second.Index.Find(await IdAsync(5)));
        AssertSearches(second.Index, i => i is not (5 or 2_950));
    }

    [Fact]
    public async Task A_flipped_bit_in_any_page_is_found_reported_and_repaired_from_the_rows()
    {
        await using (var host = await HostAsync())
        {
            await AddAsync(0, 2_000);
            await SettledAsync(host, 2_000);
        }

        var random = new Random(5);
        var manifest = await _catalog.ReadManifestAsync(Space, default);
        var pages = await PagesAsync(manifest.Segments[0]);
        Assert.True(pages > 10);
        string[] damages =
        [
            "update {0} set page = set_bit(page, 77, 1 - get_bit(page, 77)) where number = 0",
            .. Enumerable.Range(1, pages - 2).Where(p => p % 5 == 1).Select(p => (Page: p, Bit: random.Next(64_000))).Select(at =>
                $"update {{0}} set page = set_bit(page, {at.Bit}, 1 - get_bit(page, {at.Bit})) where number = {at.Page}"),
            $"update {{0}} set checksum = checksum + 1 where number = {pages / 2}",
            $"delete from {{0}} where number = {pages - 1}",
            "update {0} set page = substr(page, 1, 100) where number = 2",
            "truncate {0}",
            "drop table {0}",
        ];
        foreach (var damage in damages)
        {
            var (numbers, before) = ((await _catalog.ReadManifestAsync(Space, default)).Segments, await SegmentTablesAsync());
            await ExecuteAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, damage, TableOf(numbers[0])));

            await using var host = await HostAsync();

            var said = Assert.Single(host.Log, line => line.Contains("is damaged", StringComparison.Ordinal));
            Assert.Contains($"Segment {numbers[0]} ", said, StringComparison.Ordinal);
            Assert.Equal(2_000, host.Index.Vectors.Count);
            AssertSearches(host.Index, i => i < 2_000);
            await SettledAsync(host, 2_000);
            Assert.DoesNotContain(numbers[0], (await _catalog.ReadManifestAsync(Space, default)).Segments);
            Assert.True(await SegmentTablesAsync() <= before);
        }

        await using var sound = await HostAsync();
        Assert.DoesNotContain(sound.Log, line => line.Contains("damaged", StringComparison.Ordinal));
        AssertSearches(sound.Index, i => i < 2_000);
    }

    [Fact]
    public async Task A_full_disk_costs_the_stored_index_and_nothing_else_until_there_is_room()
    {
        await using var host = await HostAsync(retry: TimeSpan.FromMilliseconds(50));
        await ExecuteAsync("""
            create function full_disk() returns event_trigger language plpgsql as $$
            begin
                if exists (select from pg_event_trigger_ddl_commands() where object_identity like '%index_segment%') then
                    raise exception using errcode = 'disk_full', message = 'could not extend file: No space left on device';
                end if;
            end $$;
            create event trigger full_disk on ddl_command_end when tag in ('CREATE TABLE') execute function full_disk();
            """);
        await AddAsync(0, 1_000);
        await UntilAsync(() => Task.FromResult(host.Log.Any(l => l.Contains("could not be built or stored", StringComparison.Ordinal))));

        await UntilAsync(() => Task.FromResult(host.Index.Vectors.Count == 1_000));
        AssertSearches(host.Index, i => i < 1_000);
        Assert.Empty((await _catalog.ReadManifestAsync(Space, default)).Segments);
        await ExecuteAsync("drop event trigger full_disk");
        await SettledAsync(host, 1_000);
        Assert.NotEmpty((await _catalog.ReadManifestAsync(Space, default)).Segments);
    }

    [Fact]
    public async Task Lost_connections_lose_no_change_and_the_owner_comes_back()
    {
        await using var host = await HostAsync(retry: TimeSpan.FromMilliseconds(50));
        for (var round = 0; round < 10; round++)
        {
            await AddAsync(round * 300, 300);
            await ExecuteAsync(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'host'");
        }

        await SettledAsync(host, 3_000);
        AssertSearches(host.Index, _ => true);
        await using var next = await HostAsync();
        AssertSearches(next.Index, _ => true);
    }

    [Fact]
    public async Task Of_two_processes_one_writes_both_follow_and_the_other_takes_over()
    {
        var first = await HostAsync();
        await AddAsync(0, 1_000);
        await SettledAsync(first, 1_000);

        // The second loads segments that the first then merges away and drops.
        await using var second = await HostAsync();
        await AddAsync(1_000, 1_000);
        await SettledAsync(first, 2_000);
        await UntilAsync(() => Task.FromResult(second.Index.Vectors.Count == 2_000));
        AssertSearches(second.Index, i => i < 2_000);
        Assert.DoesNotContain(second.Log, l => l.Contains("Stored the index", StringComparison.Ordinal));

        await first.DisposeAsync();
        await AddAsync(2_000, 1_000);
        await SettledAsync(second, 3_000);
        Assert.Contains(second.Log, l => l.Contains("Stored the index", StringComparison.Ordinal));
        await using var third = await HostAsync();
        Assert.DoesNotContain(third.Log, l => l.Contains("damaged", StringComparison.Ordinal));
        AssertSearches(third.Index, _ => true);
    }

    [Fact]
    public async Task A_writer_that_has_been_replaced_cannot_touch_the_manifest()
    {
        await using var connection = await _dataSource.OpenConnectionAsync();
        var epoch = await _catalog.TryOwnIndexAsync(connection, Space, default);
        await using var other = await _dataSource.OpenConnectionAsync();
        Assert.Null(await _catalog.TryOwnIndexAsync(other, Space, default));
        await ExecuteAsync("update index_manifest set epoch = epoch + 1");

        Assert.False(await _catalog.WriteManifestAsync(Space, epoch!.Value, 7, [], [], default));
        Assert.Equal(0, (await _catalog.ReadManifestAsync(Space, default)).Covers);
    }

    [Fact]
    public async Task The_log_is_pruned_and_a_follower_that_slept_too_long_starts_from_the_manifest()
    {
        await using var host = await HostAsync();
        for (var round = 0; round < 6; round++)
        {
            await AddAsync(round * 500, 500);
            await SettledAsync(host, (round + 1) * 500);
        }

        await using var count = _dataSource.CreateCommand("select count(*) from change");
        Assert.InRange((long)(await count.ExecuteScalarAsync())!, 0, 2_000);
        var pruned = await _catalog.ReadPrunedToAsync(Space, default);
        Assert.True(pruned > 0);

        // A process that follows from 0, as one that was stopped for long would: it has missed what was pruned.
        await using var late = await HostAsync();
        Assert.True(late.Index.FollowedTo >= pruned);
        AssertSearches(late.Index, _ => true);
    }

    [Fact]
    public async Task Removing_alone_moves_the_manifest_on_and_rebuilds_what_is_mostly_gone()
    {
        await using (var host = await HostAsync())
        {
            await AddAsync(0, 3_000);
            await SettledAsync(host, 3_000);
            for (var i = 0; i < 2_500; i += 250)
            {
                await _catalog.MarkMissingAsync(_root, [.. Enumerable.Range(i, 250).Select(PathOf)], default);
            }

            await UntilAsync(() => Task.FromResult(host.Index.Vectors.Segments.Sum(s => s.Rows) < 1_500));
            AssertSearches(host.Index, i => i >= 2_500);
            await SettledAsync(host, 500);
        }

        await using var second = await HostAsync();
        Assert.Equal(500, second.Index.Vectors.Count);
        AssertSearches(second.Index, i => i >= 2_500);
    }

    [Fact]
    public async Task A_stop_at_any_moment_of_a_build_or_a_write_ends_at_once()
    {
        await AddAsync(0, 1_000);
        var random = new Random(11);
        for (var round = 0; round < 200; round++)
        {
            await ExecuteAsync("update index_manifest set segments = '{}', deleted = '{}'");
            var host = await HostAsync();
            for (var i = random.Next(600); i > 0; i--)
            {
                host.Index.Search(Embedding.Normalize(Space, _vectors.Rows[i]), 10, VectorFilter.None, default);
            }

            await host.Indexes.StopAsync(default).WaitAsync(TimeSpan.FromSeconds(30));
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task Two_spaces_in_one_process_never_meet()
    {
        var other = Space with { Model = "other" };
        await AddAsync(0, 600);
        await AddAsync(0, 300, other);
        await using var host = await HostAsync();
        var second = host.Indexes.Open(other);
        await second.Loaded;

        Assert.Equal((600, 300), (host.Index.Vectors.Count, second.Vectors.Count));
        Assert.Same(second, host.Indexes.Open(other));
        var query = Embedding.Normalize(other, _vectors.Rows[3]);
        Assert.Equal(await IdAsync(3), second.Search(query, 1, VectorFilter.None, default)[0].Image);
        var refused = Assert.Throws<InvalidOperationException>(() => host.Index.Search(query, 1, VectorFilter.None, default));
        Assert.Contains("other", refused.Message, StringComparison.Ordinal);
    }

    private void AssertSearches(SpaceIndex index, Func<int, bool> isThere)
    {
        double recall = 0;
        for (var i = 0; i < 30; i++)
        {
            var query = _vectors.Rows[i * 97];
            var truth = _vectors.BruteForce(query, 10, isThere);
            var found = index.Search(Embedding.Normalize(Space, query), 10, VectorFilter.None, default);
            Assert.Equal(found.Length, found.DistinctBy(f => f.Image).Count());
            recall += Vectors.Recall(truth, found) / 30;
        }

        Assert.True(recall >= 0.99, $"recall {recall}");
    }

    private async Task AddAsync(int start, int count, EmbeddingSpace? space = null)
    {
        for (var i = start; i < start + count; i += 100)
        {
            await _catalog.AddAsync([.. Enumerable.Range(i, Math.Min(100, start + count - i)).Select(n =>
                Samples.Image(_root, PathOf(n), "", space ?? Space, _vectors.Rows[n]))], default);
        }
    }

    private async Task<Host> HostAsync(TimeSpan? retry = null)
    {
        var log = new ConcurrentQueue<string>();
        var loggers = LoggerFactory.Create(b => b.SetMinimumLevel(LogLevel.Debug).AddProvider(new ListLogger(log)));
        var options = new IndexOptions(RunRows: 200, BuildBeam: 48) { RetryAfter = retry ?? TimeSpan.FromSeconds(30) };
        var dataSource = NpgsqlDataSource.Create(_connectionString + ";Application Name=host");
        var indexes = new SpaceIndexes(
            dataSource, new Catalog(dataSource, TimeProvider.System), Space, options, TimeProvider.System, loggers);
        await indexes.StartAsync(default);
        var index = indexes.Open(Space);
        await index.Loaded.WaitAsync(TimeSpan.FromMinutes(1));
        return new Host(dataSource, indexes, index, log);
    }

    // All rows but the open run's are in segments, and the manifest says so.
    private async Task SettledAsync(Host host, int count) => await UntilAsync(async () =>
        host.Index.Vectors.Count == count && host.Index.IsSettled && await SegmentTablesAsync() == host.Index.Vectors.Segments.Count);

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!await condition())
        {
            await Task.Delay(10, limit.Token);
        }
    }

    private async Task<ImageId> IdAsync(int number)
    {
        await using var command = _dataSource.CreateCommand("select id from image where path = $1");
        command.Parameters.Add(new() { Value = PathOf(number) });
        return new ImageId((long)(await command.ExecuteScalarAsync())!);
    }

    private async Task<int> PagesAsync(long segment)
    {
        await using var command = _dataSource.CreateCommand($"select count(*)::integer from {TableOf(segment)}");
        return (int)(await command.ExecuteScalarAsync())!;
    }

    private async Task<int> SegmentTablesAsync()
    {
        await using var command = _dataSource.CreateCommand(
            "select count(*)::integer from pg_class where relkind = 'r' and relname ~ '^index_segment_[0-9]+_[0-9]+$'");
        return (int)(await command.ExecuteScalarAsync())!;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _dataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static string TableOf(long segment) => $"index_segment_1_{segment}";

    private static string PathOf(int number) => $"{number:D5}.jpg";

    private sealed record Host(NpgsqlDataSource DataSource, SpaceIndexes Indexes, SpaceIndex Index, ConcurrentQueue<string> Log) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Indexes.StopAsync(default);
            await DataSource.DisposeAsync();
        }
    }

    private sealed class ListLogger(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
