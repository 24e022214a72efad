namespace Sightline.Curation.Import;

/// <summary>Takes what a source reads. For one thread.</summary>
public abstract class PairSink
{
    /// <summary>Takes a pair; copies what it needs.</summary>
    public abstract void Add(in NewPair pair);

    /// <summary>Counts and lists what stands where a pair should.</summary>
    /// <param name="place">In the file, such as <c>line 12</c> or <c>000000012.json</c>.</param>
    /// <param name="reason">A snake_case code.</param>
    /// <param name="detail">One sentence for a person.</param>
    public abstract void Fault(string place, string reason, string detail);

    /// <summary>How much of the file is read, for the progress; bytes.</summary>
    public abstract void Advance(long position);
}
