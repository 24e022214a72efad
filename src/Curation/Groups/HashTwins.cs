namespace Sightline.Curation;

/// <summary>Pairs whose images have nearly the same perceptual hash. Memory: some 110 bytes for each different hash; equal ones are grouped
/// outside memory, 32 bytes a pair.</summary>
/// <param name="distance">Bits, 0 to <see cref="HammingIndex.MostDistance"/>.</param>
/// <param name="filter">For messages.</param>
internal sealed class HashTwins(string filter, int distance, Preference keep, int workers)
{
    private const int Block = 1 << 13;
    private const int Chunk = 64;
    private const int Kept = -1;

    /// <summary>The pairs to drop, each with its twin, which is not among them.</summary>
    /// <exception cref="RecipeException">No image has a hash.</exception>
    internal IEnumerable<(long Row, long Twin)> Find(GroupRun run, CancellationToken cancellationToken)
    {
        using var pairs = new ExternalSort<RankedCopy>(run.Scratch);
        if (Collect(run, pairs, cancellationToken) == 0 && run.Pairs > 0)
        {
            throw Unmeasured.Hashes(filter);
        }

        var hashes = new List<Group>();
        foreach (var pair in pairs.Sorted(cancellationToken))
        {
            if (hashes.Count == 0 || hashes[^1].Hash != pair.Key)
            {
                hashes.Add(new Group((ulong)pair.Key, pair.Rank, pair.Row));
            }
        }

        var groups = hashes.ToArray();
        hashes = null;
        Array.Sort(groups, static (x, y) => x.Rank != y.Rank ? y.Rank.CompareTo(x.Rank) : x.Row.CompareTo(y.Row));
        var twins = Resolve(groups, cancellationToken);

        // By hash again, as the pairs are sorted.
        var order = new int[groups.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(Array.ConvertAll(groups, g => g.Hash), order);
        var at = -1;
        foreach (var pair in pairs.Sorted(cancellationToken))
        {
            at += at < 0 || groups[order[at]].Hash != pair.Key ? 1 : 0;
            var twin = twins[order[at]];
            if (twin != Kept || groups[order[at]].Row != pair.Row)
            {
                yield return (pair.Row, groups[twin == Kept ? order[at] : twin].Row);
            }
        }
    }

    private long Collect(GroupRun run, ExternalSort<RankedCopy> pairs, CancellationToken cancellationToken)
    {
        long known = 0;
        foreach (var part in run.Parts(cancellationToken))
        {
            for (var i = 0; i < part.Measures.Length; i++)
            {
                ref readonly var image = ref part.Measures[i];
                known += image.Has(ImageMeasured.Pixels) ? 1 : 0;
                if (PictureHash.IsTelling(image) && run.IsLeft(part.FirstRow + i))
                {
                    pairs.Add(new RankedCopy(image.PerceptualHash, keep.Rank(part[i].Similarity), part.FirstRow + i));
                }
            }
        }

        return known;
    }

    // For each group the kept group near it that is ranked highest; Kept where it is kept itself.
    private int[] Resolve(Group[] groups, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        var index = new HammingIndex(Array.ConvertAll(groups, g => g.Hash), distance);
        var twins = new int[groups.Length];
        var near = new int[Block][];
        for (var start = 0; start < groups.Length; start += Block)
        {
            var first = start;
            var count = Math.Min(Block, groups.Length - start);
            Parallel.For(0, (count + Chunk - 1) / Chunk, parallel, () => new List<int>(), (chunk, _, found) =>
            {
                for (var i = chunk * Chunk; i < Math.Min((chunk + 1) * Chunk, count); i++)
                {
                    found.Clear();
                    index.Find(groups[first + i].Hash, first + i, found);
                    found.RemoveAll(n => n < first && twins[n] != Kept);
                    found.Sort();

                    // The first was kept before the block: no other is asked for.
                    near[i] = found.Count > 0 && found[0] < first ? [found[0]] : [.. found];
                }

                return found;
            }, static _ => { });
            for (var i = 0; i < count; i++)
            {
                twins[first + i] = Kept;
                foreach (var candidate in near[i])
                {
                    if (twins[candidate] == Kept)
                    {
                        twins[first + i] = candidate;
                        break;
                    }
                }
            }
        }

        return twins;
    }

    private readonly record struct Group(ulong Hash, float Rank, long Row);
}
