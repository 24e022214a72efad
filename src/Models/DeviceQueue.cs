using System.Diagnostics;
using System.Threading.Channels;

namespace Sightline.Models;

/// <summary>
/// The one queue in front of a device. Work runs on one dedicated thread, interactive work first, so a query waits at most for the
/// batch that is under way. One thread also keeps libtorch's thread-local state (dispose scopes, inference mode) in one place.
/// </summary>
public sealed class DeviceQueue : IDisposable
{
    private readonly Channel<Action> _interactive = Channel.CreateUnbounded<Action>();
    private readonly Channel<Action> _bulk = Channel.CreateUnbounded<Action>();
    private readonly SemaphoreSlim _waiting = new(0);
    private readonly CancellationTokenSource _closed = new();
    private readonly Thread _thread;

    public DeviceQueue()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "device" };
        _thread.Start();
    }

    /// <summary>Runs <paramref name="work"/> on the device thread.</summary>
    /// <exception cref="OperationCanceledException">The token fired before the work started, or the queue was closed meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">The queue has been closed.</exception>
    public Task<T> RunAsync<T>(DevicePriority priority, Func<T> work, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var queue = priority == DevicePriority.Interactive ? _interactive : _bulk;

        // The work's spans belong to whoever asked for it, not to the device's thread.
        var caller = Activity.Current;
        ObjectDisposedException.ThrowIf(!queue.Writer.TryWrite(() => Complete(done, work, caller, cancellationToken)), this);
        Telemetry.DeviceWaiting.Add(1);
        _waiting.Release();
        return done.Task;
    }

    /// <summary>Finishes the work under way, cancels what waits and ends the thread.</summary>
    public void Dispose()
    {
        _interactive.Writer.TryComplete();
        _bulk.Writer.TryComplete();
        _closed.Cancel();
        _waiting.Release();
        _thread.Join();
    }

    private void Complete<T>(TaskCompletionSource<T> done, Func<T> work, Activity? caller, CancellationToken cancellationToken)
    {
        Activity.Current = caller;
        if (cancellationToken.IsCancellationRequested || _closed.IsCancellationRequested)
        {
            done.SetCanceled(cancellationToken.IsCancellationRequested ? cancellationToken : _closed.Token);
            return;
        }

        try
        {
            done.SetResult(work());
        }
        catch (OperationCanceledException e)
        {
            done.TrySetCanceled(e.CancellationToken);
        }
        catch (Exception e)
        {
            // The caller awaits the task and gets what its work threw.
            done.TrySetException(e);
        }
    }

    private void Run()
    {
        // One permit for each item, and one from Dispose; after closing, what is left is run through to be cancelled.
        while (!_closed.IsCancellationRequested)
        {
            _waiting.Wait();
            RunNext();
        }

        while (RunNext())
        {
        }
    }

    private bool RunNext()
    {
        if (_interactive.Reader.TryRead(out var work) || _bulk.Reader.TryRead(out work))
        {
            work();
            Telemetry.DeviceWaiting.Add(-1);
            return true;
        }

        return false;
    }
}
