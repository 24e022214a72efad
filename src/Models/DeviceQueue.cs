namespace Sightline.Models;

/// <summary>Who waits for the device: a person at a page goes before bulk work, which yields between batches.</summary>
public enum DevicePriority
{
    Interactive,
    Bulk,
}

/// <summary>
/// The one queue in front of a device. Work runs on one dedicated thread, interactive work first, so a query waits at most for the
/// batch that is under way. One thread also keeps libtorch's thread-local state (dispose scopes, inference mode) in one place.
/// </summary>
public sealed class DeviceQueue : IDisposable
{
    /// <summary>Runs <paramref name="work"/> on the device thread.</summary>
    /// <exception cref="OperationCanceledException">The token fired before the work started.</exception>
    /// <exception cref="ObjectDisposedException">The queue has been closed.</exception>
    public Task<T> RunAsync<T>(DevicePriority priority, Func<T> work, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Finishes the work under way, cancels what waits and ends the thread.</summary>
    public void Dispose() => throw new NotImplementedException();
}
