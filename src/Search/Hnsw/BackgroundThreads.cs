using System.Collections.Concurrent;

namespace Sightline.Search;

/// <summary>
/// Runs tasks on threads of its own that the system serves last, so that building the index takes the time that queries leave.
/// </summary>
internal sealed class BackgroundThreads : TaskScheduler, IDisposable
{
    // Of 19, which would stop altogether beside busy threads.
    private const int Niceness = 10;

    private readonly BlockingCollection<Task> _tasks = [];
    private readonly Thread[] _threads;

    internal BackgroundThreads(int count)
    {
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
    internal Task RunAsync(Action<ParallelOptions> work, CancellationToken cancellationToken) => Task.Factory.StartNew(
        () => work(new ParallelOptions
        {
            TaskScheduler = this, MaxDegreeOfParallelism = _threads.Length, CancellationToken = cancellationToken,
        }), cancellationToken, TaskCreationOptions.None, this);

    protected override void QueueTask(Task task) => _tasks.Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        Array.IndexOf(_threads, Thread.CurrentThread) >= 0 && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => _tasks;

    private void Run()
    {
        // On Linux a thread has a priority of its own, and 0 means this one. Refused or not, the work is the same.
        _ = Posix.SetPriority(which: 0, who: 0, Niceness);
        foreach (var task in _tasks.GetConsumingEnumerable())
        {
            TryExecuteTask(task);
        }
    }
}
