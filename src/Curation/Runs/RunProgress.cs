namespace Sightline.Curation;

/// <summary>How far a run is: written by the run, read by any thread.</summary>
public sealed class RunProgress
{
    private long _passed;
    private long _judged;
    private long _total;
    private long _kept;
    private string _stage = "reading the recipe";

    /// <summary>Such as <c>filtering pairs</c>, or the name of a filter of groups.</summary>
    public string Stage => Volatile.Read(ref _stage);

    /// <summary>Pairs that the filters of single pairs have judged, in an earlier run too.</summary>
    public long Done => Volatile.Read(ref _passed) + Judged;

    /// <summary>Those of them that this run has judged: what a rate is of.</summary>
    public long Judged => Volatile.Read(ref _judged);

    public long Total => Volatile.Read(ref _total);

    /// <summary>Pairs that are kept; 0 until the end.</summary>
    public long Kept => Volatile.Read(ref _kept);

    internal void Start(long pairs) => Volatile.Write(ref _total, pairs);

    internal void Enter(string stage) => Volatile.Write(ref _stage, stage);

    /// <summary>Pairs whose verdicts an earlier run has left.</summary>
    internal void Pass(long pairs) => Interlocked.Add(ref _passed, pairs);

    internal void Count(long pairs) => Interlocked.Add(ref _judged, pairs);

    internal void Finish(long kept) => Volatile.Write(ref _kept, kept);
}
