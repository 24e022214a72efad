using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Sightline.Search;

namespace Sightline.Indexer.Ingest;

/// <summary>The stages of an ingest, in the order of the data.</summary>
internal enum IngestStage
{
    Scan,
    Decode,
    Embed,
    Write,
}

/// <summary>Outcomes by name, busy time by stage and the rate of the last seconds. Thread-safe.</summary>
internal sealed class IngestCounters(TimeProvider time, int decoders)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    // Outcomes that are no failure; every other one is a fault's reason.
    private static readonly HashSet<string> Good = ["added", "updated", "unchanged", "duplicate", "missing"];

    private readonly ConcurrentDictionary<string, long> _outcomes = new();
    private readonly long[] _busy = new long[4];
    private readonly Queue<(long At, long Done)> _recent = new();
    private readonly long _started = time.GetTimestamp();
    private volatile JobPartsState _others = new(0, 0, new Dictionary<string, long>());
    private long _found;
    private long _worked;
    private volatile bool _scanned;

    public void Found() => Interlocked.Increment(ref _found);

    public void ScanEnded() => _scanned = true;

    /// <summary>What other workers have done, which is part of the progress.</summary>
    internal void SetOthers(int workers, IReadOnlyDictionary<string, long> outcomes) => _others = new JobPartsState(0, workers, outcomes);

    public void Count(string outcome, long by = 1)
    {
        _outcomes.AddOrUpdate(outcome, by, (_, count) => count + by);
        if (by > 0)
        {
            Telemetry.Images.Add(by, new KeyValuePair<string, object?>("outcome", outcome));
        }
    }

    /// <summary>What was counted is another worker's.</summary>
    internal void TakeBack(IReadOnlyDictionary<string, long> outcomes)
    {
        foreach (var (outcome, count) in outcomes)
        {
            _outcomes.AddOrUpdate(outcome, 0, (_, before) => before - count);
        }

        Worked(-outcomes.Values.Sum());
    }

    /// <summary>Work was done on a file, whatever its outcome; files passed over as unchanged do not count into the rate.</summary>
    public void Worked(long files) => Interlocked.Add(ref _worked, files);

    public T Time<T>(IngestStage stage, Func<T> work)
    {
        var started = Stopwatch.GetTimestamp();
        var result = work();
        Interlocked.Add(ref _busy[(int)stage], Stopwatch.GetTimestamp() - started);
        return result;
    }

    public async Task TimeAsync(IngestStage stage, Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        Interlocked.Add(ref _busy[(int)stage], Stopwatch.GetTimestamp() - started);
    }

    /// <summary>Share of the elapsed time that a stage was busy, in [0, 1]; decoding counts its threads together.</summary>
    public double BusyShare(IngestStage stage)
    {
        var elapsed = time.GetElapsedTime(_started).TotalSeconds * (stage == IngestStage.Decode ? decoders : 1);
        return elapsed <= 0 ? 0 : Math.Min(1, Interlocked.Read(ref _busy[(int)stage]) / (double)Stopwatch.Frequency / elapsed);
    }

    /// <summary>To be called about twice a second, by one caller.</summary>
    public JobProgress Progress()
    {
        var outcomes = Outcomes();
        var (done, worked) = (outcomes.Where(o => o.Key != "missing").Sum(o => o.Value), Worked());
        var now = time.GetTimestamp();
        _recent.Enqueue((now, worked));
        while (_recent.Count > 2 && time.GetElapsedTime(_recent.Peek().At, now) > Window)
        {
            _recent.Dequeue();
        }

        var (since, before) = _recent.Peek();
        var seconds = time.GetElapsedTime(since, now).TotalSeconds;
        var rate = seconds > 0 ? (worked - before) / seconds : 0;
        long? total = _scanned ? Interlocked.Read(ref _found) : null;
        return new JobProgress(
            _scanned ? "indexing" : "scanning", done, total, outcomes.Where(o => !Good.Contains(o.Key)).Sum(o => o.Value), rate,
            total is { } all && rate > 0 ? (all - done) / rate : null, outcomes);
    }

    /// <summary>One line for a person.</summary>
    public string Summary()
    {
        var seconds = time.GetElapsedTime(_started).TotalSeconds;
        var worked = Worked();
        var bound = Enum.GetValues<IngestStage>().MaxBy(BusyShare);
        var outcomes = string.Join(", ",
            Outcomes().Where(o => o.Value > 0).Select(o => $"{o.Value} {o.Key}"));
        var speed = worked == 0 ? "nothing to do" : string.Create(
            CultureInfo.InvariantCulture,
                $"{worked / seconds:F1} images/s, bound by {bound.ToString().ToLowerInvariant()} ({BusyShare(bound):P0} busy){Help()}");
        return string.Create(CultureInfo.InvariantCulture,
            $"{Interlocked.Read(ref _found)} files in {seconds:F1} s: {(outcomes.Length == 0 ? "none" : outcomes)}; {speed}");
    }

    private string Help() => _others.Workers switch
    {
        0 => "",
        1 => $", with the help of a worker for {_others.Counts.Values.Sum()} files",
        var workers => $", with the help of {workers} workers for {_others.Counts.Values.Sum()} files",
    };

    private long Worked() => Interlocked.Read(ref _worked) + _others.Counts.Values.Sum();

    private SortedDictionary<string, long> Outcomes()
    {
        var all = new SortedDictionary<string, long>(_outcomes, StringComparer.Ordinal);
        foreach (var (outcome, count) in _others.Counts)
        {
            all[outcome] = all.GetValueOrDefault(outcome) + count;
        }

        return all;
    }
}
