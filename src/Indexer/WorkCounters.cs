using System.Collections.Concurrent;
using Sightline.Search;

namespace Sightline.Indexer;

/// <summary>Outcomes by name and the rate of the last seconds of a job that goes through a known number of items. Thread-safe.</summary>
/// <param name="good">Outcomes that are no failure.</param>
internal sealed class WorkCounters(TimeProvider time, params string[] good)
{
    private readonly ConcurrentDictionary<string, long> _outcomes = new();
    private readonly RecentRate _rate = new(time);
    private readonly long _started = time.GetTimestamp();
    private long _total = -1;
    private long _worked;

    internal TimeSpan Elapsed => time.GetElapsedTime(_started);

    /// <summary>Items that work was done on, now and not in an earlier run.</summary>
    internal long Worked => Interlocked.Read(ref _worked);

    internal IReadOnlyDictionary<string, long> Outcomes => new SortedDictionary<string, long>(_outcomes, StringComparer.Ordinal);

    internal void Begin(long total) => Interlocked.Exchange(ref _total, total);

    /// <summary>Items that needed no work.</summary>
    internal void Pass(string outcome, long items) => _outcomes.AddOrUpdate(outcome, items, (_, count) => count + items);

    /// <summary>Items that work was done on.</summary>
    internal void Count(string outcome, long items)
    {
        Pass(outcome, items);
        Interlocked.Add(ref _worked, items);
    }

    /// <summary>To be called about twice a second, by one caller.</summary>
    internal JobProgress Progress(string stage)
    {
        var outcomes = Outcomes;
        var (done, rate) = (outcomes.Values.Sum(), _rate.Of(Worked));
        long? total = Interlocked.Read(ref _total) is var all and >= 0 ? all : null;
        return new JobProgress(
            stage, done, total, outcomes.Where(o => !good.Contains(o.Key)).Sum(o => o.Value), rate,
            total is { } items && rate > 0 ? Math.Max(0, items - done) / rate : null, outcomes);
    }
}
