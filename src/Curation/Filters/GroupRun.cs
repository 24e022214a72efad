namespace Sightline.Curation;

/// <summary>What a <see cref="GroupFilter"/> sees of a run, and tells it. For one thread.</summary>
public abstract class GroupRun
{
    /// <summary>Where spilled files go, so that memory stays flat; empty at the start, deleted at the end.</summary>
    public abstract string Scratch { get; }

    /// <summary>Decides wherever chance does.</summary>
    public abstract int Seed { get; }

    /// <summary>Pairs of the whole dataset: row numbers are below.</summary>
    public abstract long Pairs { get; }

    /// <summary>Pairs that no filter before has dropped.</summary>
    public abstract long Left { get; }

    /// <summary>The dataset's parts, in order, with the columns that the filter reads; may be read more than once.</summary>
    public abstract IEnumerable<PairPart> Parts(CancellationToken cancellationToken);

    /// <summary>Whether no filter before has dropped the pair. What this filter drops stays in sight until it ends.</summary>
    public abstract bool IsLeft(long row);

    /// <summary>Drops a pair that is left; once.</summary>
    /// <param name="row">The pair.</param>
    /// <param name="reason">The filter's reason, from 0.</param>
    /// <param name="twin">The row of the pair that is kept in its stead; -1: none.</param>
    public abstract void Drop(long row, int reason, long twin = -1);
}
