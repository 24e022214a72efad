namespace Sightline.Search;

/// <summary>
/// The served graph: immutable rows of links. Nodes are numbered so that those of level l and above are the first
/// <c>LevelCounts[l]</c>: a node's level is known by its number, and node 0 is the entry.
/// </summary>
internal sealed unsafe class HnswGraph(int[] levelCounts, NativeArray<int>[] links)
{
    /// <summary>Neighbours of a node on the upper levels (the paper's M); the base level holds twice as many.</summary>
    internal const int UpperLinks = 16;

    internal const int BaseLinks = 2 * UpperLinks;

    /// <summary>Nodes on each level, the base level first.</summary>
    internal int[] LevelCounts { get; } = levelCounts;

    /// <summary>A row of links for each node of a level, the base level first.</summary>
    internal NativeArray<int>[] Links { get; } = links;

    internal int Nodes => LevelCounts[0];

    internal static int LinksOn(int level) => level == 0 ? BaseLinks : UpperLinks;

    /// <summary>Nodes on each level: each holds one in <see cref="UpperLinks"/> of the one below.</summary>
    internal static int[] CountLevels(int nodes)
    {
        var counts = new List<int> { nodes };
        while (counts[^1] > UpperLinks)
        {
            counts.Add(counts[^1] / UpperLinks);
        }

        return [.. counts];
    }

    internal LinkRows Rows(int level) => new(Links[level].Pointer, LinksOn(level));

    /// <summary>Where a beam over the base level starts.</summary>
    internal int Entry<TScorer>(TScorer scorer)
        where TScorer : struct, IScorer
    {
        var (at, best) = (0, scorer.Score(0));
        for (var level = Links.Length - 1; level > 0; level--)
        {
            at = GraphWalk.Descend(Rows(level), scorer, at, ref best);
        }

        return at;
    }
}
