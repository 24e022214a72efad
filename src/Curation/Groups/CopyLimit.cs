namespace Sightline.Curation;

/// <summary>At most so many pairs of each key, chosen by rank: a sort outside memory, so that memory stays flat in the number of pairs
/// and of copies.</summary>
/// <param name="most">Pairs of a key that are kept.</param>
internal sealed class CopyLimit(GroupRun run, int most) : IDisposable
{
    private readonly ExternalSort<RankedCopy> _copies = new(run.Scratch);

    internal void Add(UInt128 key, float rank, long row) => _copies.Add(new RankedCopy(key, rank, row));

    /// <summary>The pairs beyond the limit, each with the first pair of its key.</summary>
    internal IEnumerable<(long Row, long First)> Beyond(CancellationToken cancellationToken)
    {
        var (key, kept, first) = (default(UInt128), 0, -1L);
        foreach (var copy in _copies.Sorted(cancellationToken))
        {
            if (first < 0 || copy.Key != key)
            {
                (key, kept, first) = (copy.Key, 1, copy.Row);
            }
            else if (++kept > most)
            {
                yield return (copy.Row, first);
            }
        }
    }

    public void Dispose() => _copies.Dispose();
}
