using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sightline.Search;

namespace Sightline.Indexer;

/// <summary>Claims jobs of some kinds and runs them one at a time; reports progress, which renews the lease, and hands a job back when the
/// host stops.</summary>
/// <param name="worker">Names this runner, the same in every life of the process that holds the data folder's lock.</param>
/// <param name="kinds">How a job of each kind is run.</param>
internal sealed class JobRunner(
    string worker, IReadOnlyDictionary<string, Func<IJob>> kinds, JobQueue jobs, TimeProvider time, ILogger<JobRunner> logger)
    : BackgroundService
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(500);

    internal IReadOnlyDictionary<string, Func<IJob>> Kinds => kinds;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The data folder's lock is ours, so whoever held jobs under this name is dead.
        await jobs.ReleaseAsync(worker, stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await jobs.ClaimAsync(worker, [.. kinds.Keys], stoppingToken) is { } job)
                {
                    await RunAsync(job, stoppingToken);
                    continue;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (NpgsqlException e)
            {
                logger.DatabaseLost(e);
            }

            await Task.Delay(Poll, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunAsync(Job job, CancellationToken stoppingToken)
    {
        using var span = Telemetry.Source.StartActivity($"job {job.Kind}")?.SetTag("sightline.job.id", job.Id.Value);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var work = kinds[job.Kind]();
        var running = work.RunAsync(job, stop.Token);
        var reporting = ReportAsync(job, work, running, stop);
        var (state, error) = await OutcomeAsync(running, job, stoppingToken);
        span?.SetStatus(state == JobState.Failed ? ActivityStatusCode.Error : ActivityStatusCode.Ok, error);
        await reporting;
        var summary = state == JobState.Queued ? null : work.Summary();

        // The token of a host that stops must not keep the job from being handed back.
        await jobs.FinishAsync(job.Id, worker, state, work.Progress(), summary, error, CancellationToken.None);
        logger.JobEnded(job.Id.Value, state.ToString(), summary ?? error ?? "");
    }

    private async Task ReportAsync(Job job, IJob work, Task running, CancellationTokenSource stop)
    {
        while (!running.IsCompleted)
        {
            try
            {
                if (!await jobs.ReportAsync(job.Id, worker, work.Progress(), CancellationToken.None))
                {
                    await stop.CancelAsync();
                }
            }
            catch (NpgsqlException e)
            {
                logger.DatabaseLost(e);
            }

            await Task.WhenAny(running, Task.Delay(ReportEvery, time));
        }
    }

    private async Task<(JobState State, string? Error)> OutcomeAsync(Task running, Job job, CancellationToken stoppingToken)
    {
        try
        {
            await running;
            return (JobState.Succeeded, null);
        }
        catch (OperationCanceledException)
        {
            return stoppingToken.IsCancellationRequested ? (JobState.Queued, null) : (JobState.Cancelled, null);
        }
        catch (Exception e)
        {
            // A host loop: whatever ends a job is its error, logged and shown, and the next job runs.
            logger.JobFailed(e, job.Id.Value);
            return (JobState.Failed, e.Message);
        }
    }
}
