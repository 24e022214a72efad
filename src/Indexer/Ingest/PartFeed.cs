using System.Threading.Channels;
using Sightline.Search;

namespace Sightline.Indexer.Ingest;

/// <summary>Feeds a pipeline with the files of parts that one worker claims, and keeps their leases.</summary>
internal sealed class PartFeed(JobParts parts, string worker, TimeProvider time)
{
    /// <summary>How often a worker that has nothing to do looks again.</summary>
    internal static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);

    // So few files wait that a worker claims about two parts ahead.
    private const int Waiting = 64;

    /// <summary>Runs the pipeline until there are no more parts.</summary>
    /// <param name="claim">Claims the next part and says which folder it is of; null: none is free now.</param>
    /// <param name="isOver">Asked while none is free, and every few seconds, so that it may look at what others do: there will be no more.
    /// Null: it never is.</param>
    /// <param name="isElsewhere">This worker may not see all that the job's own process sees.</param>
    internal async Task RunAsync(
        IngestPipeline pipeline, IngestCounters counters, Func<CancellationToken, Task<(JobPart Part, RootFolder Root)?>> claim,
        Func<CancellationToken, Task<bool>>? isOver, bool isElsewhere, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        var items = Channel.CreateBounded<IngestItem>(Waiting);
        await Task.WhenAll(
            Stage.RunAsync(() => ClaimAsync(items.Writer, claim, isOver, isElsewhere, stop.Token), () => items.Writer.Complete(), stop),
            Stage.RunAsync(
                () => pipeline.RunAsync(items.Reader, counters, part => FinishAsync(part, counters, stop.Token), stop.Token), ended.Cancel, stop),
            Stage.RunAsync(() => RenewAsync(isOver, ended.Token), null, stop)).WaitAsync(CancellationToken.None);
    }

    private async Task ClaimAsync(
        ChannelWriter<IngestItem> items, Func<CancellationToken, Task<(JobPart Part, RootFolder Root)?>> claim,
        Func<CancellationToken, Task<bool>>? isOver, bool isElsewhere, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await claim(cancellationToken) is not { } claimed)
            {
                if (isOver is not null && await isOver(cancellationToken))
                {
                    return;
                }

                await Task.Delay(Poll, time, cancellationToken);
                continue;
            }

            var part = new IngestPart(claimed.Part, isElsewhere);
            foreach (var file in part.Open())
            {
                await items.WriteAsync(new IngestItem(claimed.Root, file, part), cancellationToken);
            }
        }
    }

    // A part whose lease was lost is another's, and so are its outcomes.
    private async Task FinishAsync(IngestPart part, IngestCounters counters, CancellationToken cancellationToken)
    {
        if (!await parts.FinishAsync(part.Part, worker, part.Counts, part.Rest, cancellationToken))
        {
            counters.TakeBack(part.Counts);
        }
    }

    private async Task RenewAsync(Func<CancellationToken, Task<bool>>? look, CancellationToken ended)
    {
        for (var turn = 0; !ended.IsCancellationRequested; turn++)
        {
            if (turn % 4 == 0)
            {
                await parts.RenewAsync(worker, CancellationToken.None);
            }

            if (look is not null)
            {
                await look(CancellationToken.None);
            }

            await Task.Delay(JobParts.Lease / 16, time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
