using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sightline.Indexer.Ingest;
using Sightline.Models;
using Sightline.Models.Images;
using Sightline.Search;
using Sightline.TestKit;

namespace Sightline.Indexer.Tests;

/// <summary>An index job shared by several workers over a real database.</summary>
public sealed class IndexWorkerTests : IAsyncLifetime
{
    private const int Pictures = 700;

    private readonly TemporaryFolder _folder = new();
    private readonly PointEmbedder _embedder = new();
    private readonly DeviceQueue _device = new();
    private PostgresServer _server = null!;
    private NpgsqlDataSource _source = null!;
    private Catalog _catalog = null!;
    private JobQueue _jobs = null!;
    private JobParts _parts = null!;

    private string Root => _folder.PathOf("pictures");

    public async Task InitializeAsync()
    {
        _server = await PostgresServer.StartAsync();
        _source = NpgsqlDataSource.Create(await _server.CreateDatabaseAsync());
        _catalog = new Catalog(_source, TimeProvider.System);
        _jobs = new JobQueue(_source, TimeProvider.System);
        _parts = new JobParts(_source);
        Directory.CreateDirectory(Root);
    }

    public async Task DisposeAsync()
    {
        _device.Dispose();
        await _source.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_worker_shares_the_job_and_every_file_counts_once()
    {
        Draw(Pictures);
        File.WriteAllText(Path.Combine(Root, "text.jpg"), "no picture");
        var job = await StartJobAsync();
        var root = await _catalog.AddRootAsync(Root, [], default);
        using var device = new DeviceQueue();
        var progress = new WorkerProgress(TimeProvider.System);
        using var worker = new IndexWorker(_catalog, _parts, Pipeline(device), _embedder, progress, TimeProvider.System, NullLogger<IndexWorker>.Instance);
        await worker.StartAsync(default);
        var counters = await RunAsync(job, root);
        await worker.StopAsync(default);

        Assert.Equal(Pictures, counters.Progress().Counts["added"]);
        Assert.Equal(1, counters.Progress().Counts["unknown_format"]);
        Assert.Equal(Pictures, (await _catalog.ReadStatusAsync(null, default)).Images);
        Assert.InRange(progress.Read().Done, 1, Pictures);
        Assert.Contains("with the help of a worker", counters.Summary(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parts_of_a_worker_that_died_are_done_by_another_and_its_late_word_is_not_taken()
    {
        var job = await StartJobAsync();
        var root = await _catalog.AddRootAsync(Root, [], default);
        var parts = _parts;
        await parts.AddAsync(job, root.Id, _embedder.Space.Digest, IngestPart.Write([File100("0.png")]), default);
        var dead = (await parts.ClaimAsync(_embedder.Space.Digest, [root.Id], "dead", default))!;
        Assert.Null(await parts.ClaimAsync(_embedder.Space.Digest, [root.Id], "other", default));
        await parts.RenewAsync("dead", default);
        await ShiftLeasesAsync(JobParts.Lease - TimeSpan.FromSeconds(5));
        Assert.Null(await parts.ClaimAsync(job, "other", default));

        await ShiftLeasesAsync(TimeSpan.FromSeconds(6));
        var taken = (await parts.ClaimAsync(job, "other", default))!;

        Assert.Equal(dead.Id, taken.Id);
        Assert.False(await parts.FinishAsync(dead, "dead", new Dictionary<string, long> { ["added"] = 1 }, null, default));
        Assert.True(await parts.FinishAsync(taken, "other", new Dictionary<string, long> { ["added"] = 1 }, null, default));
        var state = await parts.ReadStateAsync(job, "mine", default);
        Assert.Equal((0, 1, 1), (state.Open, state.Workers, state.Counts["added"]));
        await parts.ReleaseAsync("other", default);
        Assert.Null(await parts.ClaimAsync(job, "mine", default));
    }

    [Fact]
    public async Task Another_model_an_unknown_folder_and_a_job_that_does_not_run_give_a_worker_nothing()
    {
        var job = await StartJobAsync();
        var root = await _catalog.AddRootAsync(Root, [], default);
        await _parts.AddAsync(job, root.Id, _embedder.Space.Digest, "[]", default);

        Assert.Null(await _parts.ClaimAsync(new string('f', 64), [root.Id], "w", default));
        Assert.Null(await _parts.ClaimAsync(_embedder.Space.Digest, [], "w", default));
        await _jobs.FinishAsync(job, "test", JobState.Queued, JobProgress.None, null, null, default);
        Assert.Null(await _parts.ClaimAsync(_embedder.Space.Digest, [root.Id], "w", default));
        Assert.NotNull(await _parts.ClaimAsync(job, "w", default));
    }

    [Fact]
    public async Task Files_that_a_worker_does_not_see_are_left_to_the_jobs_own_process()
    {
        Draw(3);
        var job = await StartJobAsync();
        var root = await _catalog.AddRootAsync(Root, [], default);
        await _parts.AddAsync(job, root.Id, _embedder.Space.Digest, IngestPart.Write([File100("1.png"), File100("elsewhere.png")]), default);
        var progress = new WorkerProgress(TimeProvider.System);
        using (var worker = new IndexWorker(_catalog, _parts, Pipeline(_device), _embedder, progress, TimeProvider.System, NullLogger<IndexWorker>.Instance))
        {
            await worker.StartAsync(default);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while ((await _parts.ReadStateAsync(job, "test", default)).Counts.Count == 0)
            {
                limit.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }

            Assert.Null(await _parts.ClaimAsync(_embedder.Space.Digest, [root.Id], "w", default));
            await worker.StopAsync(default);
        }

        Assert.Empty(await _catalog.ReadFaultsAsync(null, default).ToListAsync());
        var left = new IngestPart((await _parts.ClaimAsync(job, "test", default))!, isElsewhere: false);
        Assert.Equal("elsewhere.png", Assert.Single(left.Open()).Path);

        // The job's own process says what has become of it.
        await _parts.ReleaseAsync("test", default);
        await new PartFeed(_parts, "test", TimeProvider.System).RunAsync(
            Pipeline(_device), new IngestCounters(TimeProvider.System, 2),
            async token => await _parts.ClaimAsync(job, "test", token) is { } part ? (part, root) : null,
            async token => (await _parts.ReadStateAsync(job, "test", token)).Open == 0, isElsewhere: false, default);
        var fault = Assert.Single(await _catalog.ReadFaultsAsync(null, default).ToListAsync());
        Assert.Equal(("elsewhere.png", "vanished"), (fault.Path, fault.Reason));
    }

    [Fact]
    public async Task A_worker_that_loses_the_database_in_the_middle_leaves_nothing_claimed_for_ever()
    {
        Draw(Pictures);
        var job = await StartJobAsync();
        var root = await _catalog.AddRootAsync(Root, [], default);
        var progress = new WorkerProgress(TimeProvider.System);
        await using var own = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_source.ConnectionString) { ApplicationName = "worker" }.ConnectionString);
        using var device = new DeviceQueue();
        var pipeline = new IngestPipeline(
            new Catalog(own, TimeProvider.System), new ThumbnailStore(_folder.PathOf("thumbnails")), _embedder, device, TimeProvider.System);
        using var worker = new IndexWorker(
            new Catalog(own, TimeProvider.System), new JobParts(own), pipeline, _embedder, progress, TimeProvider.System, NullLogger<IndexWorker>.Instance);
        await worker.StartAsync(default);
        var running = RunAsync(job, root);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (progress.Read().Done == 0 && !running.IsCompleted)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        await using (var cut = _source.CreateCommand("select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'worker'"))
        {
            await cut.ExecuteScalarAsync();
        }

        var counters = await running.WaitAsync(limit.Token);
        await worker.StopAsync(default);

        Assert.Equal(Pictures, counters.Progress().Done);
        Assert.Equal(Pictures, (await _catalog.ReadStatusAsync(null, default)).Images);
    }

    private async Task<JobId> StartJobAsync()
    {
        var id = await _jobs.EnqueueAsync(IndexRequest.Kind, new IndexRequest(Root, null), default);
        Assert.Equal(id, (await _jobs.ClaimAsync("test", [IndexRequest.Kind], default))!.Id);
        return id;
    }

    private async Task<IngestCounters> RunAsync(JobId job, RootFolder root)
    {
        var counters = new IngestCounters(TimeProvider.System, IngestPipeline.Decoders);
        await new FolderIngest(_catalog, _parts, Pipeline(_device), _embedder, TimeProvider.System).RunAsync(job, "test", root, null, counters, default);
        return counters;
    }

    private IngestPipeline Pipeline(DeviceQueue device) =>
        new(_catalog, new ThumbnailStore(_folder.PathOf("thumbnails")), _embedder, device, TimeProvider.System);

    private IngestFile File100(string name) => new(name, 100, DateTimeOffset.UnixEpoch, Known: false);

    private void Draw(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var pixels = new byte[24 * 24 * 3];
            new Random(i).NextBytes(pixels);
            File.WriteAllBytes(Path.Combine(Root, $"{i}.png"), ImageEncoder.EncodePng(new RgbImage(24, 24, pixels)));
        }
    }

    // As if time had gone by since the leases were given.
    private async Task ShiftLeasesAsync(TimeSpan by)
    {
        await using var shift = _source.CreateCommand("update job_part set lease_until = lease_until - $1");
        shift.Parameters.Add(new() { Value = by });
        await shift.ExecuteNonQueryAsync();
    }
}
