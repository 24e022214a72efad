using System.Collections.Concurrent;

namespace Sightline.Search;

/// <summary>
/// Runs tasks on threads of its own, whose priority says how much of the cores building the index may take from queries.
/// </summary>
internal sealed class BackgroundThreads : TaskScheduler, IDisposable
{
    private readonly BlockingCollection<Task> _tasks = [];
    private readonly Thread[] _threads;
    private readonly int _niceness;

    /// <param name="niceness">0 shares the cores evenly with the rest, 19 takes next to nothing from busy threads.</param>
    internal BackgroundThreads(int count, int niceness)
    {
        _niceness = niceness;
        _threads = new Thread[count];
        for (var i = 0; i < count; i++)
        {
            _threads[i] = new Thread(Run) { IsBackground = true, Name = $"index {i}" };
            _threads[i].Start();
        }
    }

    public override int MaximumConcurrencyLevel => _threads.Length;

    /// <summary>Waits for the tasks at work; those waiting are not begun.</summary>
    public void Dispose()
    {
        _tasks.CompleteAdding();
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        _tasks.Dispose();
    }

    /// <summary>Runs work that may itself use all the threads through <see cref="ParallelOptions"/>.</summary>
    /// <remarks>Whoever awaits it goes on elsewhere: one of these threads would wait in <see cref="Dispose"/> for itself.</remarks>
    internal Task RunAsync(Action<ParallelOptions> work, CancellationToken cancellationToken) => Task.Factory.StartNew(
        () => work(new ParallelOptions
        {
            TaskScheduler = this, MaxDegreeOfParallelism = _threads.Length, CancellationToken = cancellationToken,
        }), cancellationToken, TaskCreationOptions.RunContinuationsAsynchronously, this);

    protected override void QueueTask(Task task) => _tasks.Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        Array.IndexOf(_threads, Thread.CurrentThread) >= 0 && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => _tasks;

    private void Run()
    {
        // On Linux a thread has a priority of its own, and 0 means this one. Refused or not, the work is the same.
        _ = Posix.SetPriority(which: 0, who: 0, _niceness);
        foreach (var task in _tasks.GetConsumingEnumerable())
        {
            TryExecuteTask(task);
        }
    }
}
