namespace Sightline.Curation;

/// <summary>How far a run is: written by the run, read by any thread.</summary>
public sealed class RunProgress
{
    private long _done;
    private long _total;
    private long _kept;
    private string _stage = "reading the recipe";

    /// <summary>Such as <c>filtering pairs</c>, or the name of a filter of groups.</summary>
    public string Stage => Volatile.Read(ref _stage);

    /// <summary>Pairs that the filters of single pairs have judged.</summary>
    public long Done => Math.Min(Volatile.Read(ref _done), Total);

    public long Total => Volatile.Read(ref _total);

    /// <summary>Pairs that are kept; 0 until the end.</summary>
    public long Kept => Volatile.Read(ref _kept);

    internal void Start(long pairs) => Volatile.Write(ref _total, pairs);

    internal void Enter(string stage) => Volatile.Write(ref _stage, stage);

    internal void Count(long pairs) => Interlocked.Add(ref _done, pairs);

    internal void Finish(long kept) => Volatile.Write(ref _kept, kept);
}
