namespace Sightline.Search;

/// <summary>How far the tagging of a collection is. One writer, any readers.</summary>
public sealed class TagProgress
{
    private long _total = -1;
    private long _done;
    private long _suggested;
    private long _withdrawn;

    /// <summary>Images to look at; null while that is not known.</summary>
    public long? Total => Interlocked.Read(ref _total) is >= 0 and var total ? total : null;

    /// <summary>Images looked at.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>Tags that the model suggests now.</summary>
    public long Suggested => Interlocked.Read(ref _suggested);

    /// <summary>Earlier suggestions that do not hold any more.</summary>
    public long Withdrawn => Interlocked.Read(ref _withdrawn);

    internal void Begin(long total) => Interlocked.Exchange(ref _total, total);

    internal void Withdraw(long tags) => Interlocked.Add(ref _withdrawn, tags);

    internal void Add(long images, long suggested, long withdrawn)
    {
        Interlocked.Add(ref _suggested, suggested);
        Interlocked.Add(ref _withdrawn, withdrawn);
        Interlocked.Add(ref _done, images);
    }
}
