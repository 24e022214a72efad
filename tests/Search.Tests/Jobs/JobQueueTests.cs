using Npgsql;

namespace Sightline.Search.Tests;

[Collection(PostgresCollection.Name)]
public sealed class JobQueueTests(Postgres postgres) : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private NpgsqlDataSource _source = null!;
    private JobQueue _jobs = null!;

    public async Task InitializeAsync()
    {
        _source = NpgsqlDataSource.Create(await postgres.Server.CreateDatabaseAsync());
        _jobs = new JobQueue(_source, _time);
    }

    public async Task DisposeAsync() => await _source.DisposeAsync();

    [Fact]
    public async Task Two_workers_never_hold_one_job()
    {
        for (var i = 0; i < 20; i++)
        {
            await EnqueueAsync($"/{i}");
        }

        var claimed = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => _jobs.ClaimAsync($"worker {i % 2}", [IndexRequest.Kind], default)));

        Assert.Equal(20, claimed.Where(j => j is not null).DistinctBy(j => j!.Id).Count());
        Assert.Equal(20, claimed.Count(j => j is null));
    }

    [Fact]
    public async Task A_job_that_waits_is_not_queued_twice_but_one_that_runs_may_be_wanted_again()
    {
        var first = await EnqueueAsync("/a");
        Assert.Equal(first, await EnqueueAsync("/a"));
        Assert.NotEqual(first, await EnqueueAsync("/b"));
        await _jobs.ClaimAsync("w", [IndexRequest.Kind], default);

        var second = await EnqueueAsync("/a");

        Assert.NotEqual(first, second);
        Assert.Equal(second, await EnqueueAsync("/a"));
    }

    [Fact]
    public async Task Jobs_come_oldest_first_with_their_arguments_and_only_of_the_kinds_asked_for()
    {
        var first = await EnqueueAsync("/a");
        await EnqueueAsync("/b");

        Assert.Null(await _jobs.ClaimAsync("w", ["train"], default));
        var job = await _jobs.ClaimAsync("w", [IndexRequest.Kind], default);
        Assert.Equal(first, job!.Id);
        Assert.Contains("\"/a\"", job.Arguments, StringComparison.Ordinal);
        Assert.Equal(JobState.Running, job.State);
    }

    [Fact]
    public async Task A_lost_lease_makes_a_job_anyones_and_its_old_worker_is_told()
    {
        var id = await EnqueueAsync();
        await _jobs.ClaimAsync("dead", [IndexRequest.Kind], default);
        Assert.Null(await _jobs.ClaimAsync("alive", [IndexRequest.Kind], default));

        _time.Advance(JobQueue.Lease + TimeSpan.FromSeconds(1));
        Assert.Equal(id, (await _jobs.ClaimAsync("alive", [IndexRequest.Kind], default))!.Id);

        Assert.False(await _jobs.ReportAsync(id, "dead", JobProgress.None, default));
        await _jobs.FinishAsync(id, "dead", JobState.Failed, JobProgress.None, null, "late", default);
        Assert.Equal(JobState.Running, (await _jobs.FindAsync(id, default))!.State);
    }

    [Fact]
    public async Task A_report_renews_the_lease_and_is_what_others_see()
    {
        var id = await EnqueueAsync();
        await _jobs.ClaimAsync("w", [IndexRequest.Kind], default);
        _time.Advance(JobQueue.Lease - TimeSpan.FromSeconds(1));
        var progress = new JobProgress("embedding", 5, 10, 1, 2.5, 2, new Dictionary<string, long> { ["added"] = 4, ["corrupt"] = 1 });

        Assert.True(await _jobs.ReportAsync(id, "w", progress, default));

        _time.Advance(JobQueue.Lease - TimeSpan.FromSeconds(1));
        Assert.Null(await _jobs.ClaimAsync("other", [IndexRequest.Kind], default));
        var seen = (await _jobs.FindAsync(id, default))!.Progress;
        Assert.Equal(progress with { Counts = seen.Counts }, seen);
        Assert.Equal(progress.Counts, seen.Counts);
    }

    [Fact]
    public async Task A_restarted_worker_takes_its_jobs_back_at_once()
    {
        var id = await EnqueueAsync();
        await _jobs.ClaimAsync("daemon", [IndexRequest.Kind], default);

        Assert.Equal(1, await _jobs.ReleaseAsync("daemon", default));
        Assert.Equal(id, (await _jobs.ClaimAsync("daemon", [IndexRequest.Kind], default))!.Id);
    }

    [Fact]
    public async Task A_queued_job_is_cancelled_at_once_and_a_running_one_at_its_next_report()
    {
        var running = await EnqueueAsync();
        await _jobs.ClaimAsync("w", [IndexRequest.Kind], default);
        var queued = await EnqueueAsync();

        Assert.True(await _jobs.RequestCancelAsync(queued, default));
        Assert.Equal(JobState.Cancelled, (await _jobs.FindAsync(queued, default))!.State);
        Assert.True(await _jobs.RequestCancelAsync(running, default));
        Assert.False(await _jobs.ReportAsync(running, "w", JobProgress.None, default));

        await _jobs.FinishAsync(running, "w", JobState.Cancelled, JobProgress.None, "Stopped.", null, default);
        Assert.False(await _jobs.RequestCancelAsync(running, default));
        Assert.Equal([queued, running], (await _jobs.ListAsync(10, default)).Select(j => j.Id));
    }

    private Task<JobId> EnqueueAsync(string folder = "/photos") =>
        _jobs.EnqueueAsync(IndexRequest.Kind, new IndexRequest(folder, null), default);

    private sealed class ManualTime : TimeProvider
    {
        private DateTimeOffset _now = Samples.Morning;

        public void Advance(TimeSpan by) => _now += by;

        public override DateTimeOffset GetUtcNow() => _now;
    }
}
