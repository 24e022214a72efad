namespace Sightline.Indexer;

/// <summary>
/// How many items a second a job has worked on of late: in the last ten seconds, or since it is asked. For one caller, about twice a
/// second.
/// </summary>
internal sealed class RecentRate(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly Queue<(long At, long Worked)> _recent = new();

    /// <summary>Items a second; 0 when it is asked for the first time.</summary>
    /// <param name="worked">All items that work was done on since the process began; those of an earlier run are none.</param>
    internal double Of(long worked)
    {
        var now = time.GetTimestamp();
        _recent.Enqueue((now, worked));
        while (_recent.Count > 2 && time.GetElapsedTime(_recent.Peek().At, now) > Window)
        {
            _recent.Dequeue();
        }

        var (since, before) = _recent.Peek();
        var seconds = time.GetElapsedTime(since, now).TotalSeconds;
        return seconds > 0 ? (worked - before) / seconds : 0;
    }
}
