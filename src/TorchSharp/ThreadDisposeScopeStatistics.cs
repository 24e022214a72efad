namespace TorchSharp;

/// <summary>Counts the tensors of one thread; a tensor made on one thread and disposed on another is counted by both.</summary>
public sealed class ThreadDisposeScopeStatistics
{
    /// <summary>Tensors made on this thread, less those that were disposed on it. Those left to a finalizer stay counted.</summary>
    public long ThreadTotalLiveCount { get; internal set; }
}
