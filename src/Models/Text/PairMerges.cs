namespace Sightline.Models.Text;

/// <summary>Byte pair encoding's inner loop over symbols that are numbers (Sennrich et al., arXiv 1508.07909).</summary>
internal static class PairMerges
{
    /// <summary>
    /// Joins the pair of lowest rank, the leftmost of equals, until no pair has a rank. A heap of the pairs makes the longest word cost
    /// n log n.
    /// </summary>
    internal static List<int> Apply(IReadOnlyList<int> word, IReadOnlyDictionary<(int Left, int Right), (int Rank, int Merged)> merges)
    {
        // A joined symbol stays at its left part's place; the links skip what has gone.
        var symbols = word.ToArray();
        var (next, previous) = (new int[symbols.Length], new int[symbols.Length]);
        var pairs = new PriorityQueue<(int At, int Left, int Right), (int Rank, int At)>();
        for (var at = 0; at < symbols.Length; at++)
        {
            (next[at], previous[at]) = (at + 1, at - 1);
            Offer(at);
        }

        while (pairs.TryDequeue(out var pair, out _))
        {
            var right = next[pair.At];
            if (symbols[pair.At] != pair.Left || right >= symbols.Length || symbols[right] != pair.Right)
            {
                continue; // One of the two has been joined to another since.
            }

            symbols[pair.At] = merges[(pair.Left, pair.Right)].Merged;
            symbols[right] = -1;
            next[pair.At] = next[right];
            if (next[right] < symbols.Length)
            {
                previous[next[right]] = pair.At;
            }

            Offer(pair.At);
            Offer(previous[pair.At]);
        }

        return [.. symbols.Where(s => s >= 0)];

        void Offer(int at)
        {
            if (at >= 0 && next[at] < symbols.Length && merges.TryGetValue((symbols[at], symbols[next[at]]), out var merge))
            {
                pairs.Enqueue((at, symbols[at], symbols[next[at]]), (merge.Rank, at));
            }
        }
    }
}
