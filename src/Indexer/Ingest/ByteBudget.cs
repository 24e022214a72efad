namespace Sightline.Indexer.Ingest;

/// <summary>
/// Bytes that may be held at once. Whoever comes first goes first; what is larger than the whole budget goes alone. Lives as long as one
/// run: a caller that is cancelled while it waits is not taken out of the queue. Thread-safe.
/// </summary>
internal sealed class ByteBudget(long capacity)
{
    private readonly Lock _gate = new();
    private readonly Queue<(long Bytes, TaskCompletionSource Turn)> _waiting = new();
    private long _held;

    internal Task AcquireAsync(long bytes, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 && Fits(bytes))
            {
                _held += bytes;
                return Task.CompletedTask;
            }

            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((bytes, turn));
            return turn.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>What was acquired has become larger or smaller; growth is not waited for, but holds up whoever comes next.</summary>
    internal void Exchange(long before, long after)
    {
        lock (_gate)
        {
            _held += after - before;
            while (_waiting.TryPeek(out var next) && Fits(next.Bytes))
            {
                _held += next.Bytes;
                _waiting.Dequeue().Turn.SetResult();
            }
        }
    }

    internal void Release(long bytes) => Exchange(bytes, 0);

    private bool Fits(long bytes) => _held == 0 || _held + bytes <= capacity;
}
