namespace Sightline.Search;

// Searches that may return only some rows: a scan where few are allowed, else a walk that meets all nodes and keeps the allowed ones.
internal sealed unsafe partial class Segment
{
    // Scoring a row exactly costs about as much as four nodes of a walk; a filter's check about a twentieth of a row.
    private const int NodesPerRow = 4;
    private const int ChecksPerRow = 20;

    // A scan with at least so many rows is worth a second core.
    private const int ParallelRows = 20_000;

    // Keeping a beam sorted costs more than it saves beyond this width.
    private const int WidestBeam = 2048;

    /// <summary>An estimate of the rows that the filter allows, never too small.</summary>
    private int MostAllowed(VectorFilter filter)
    {
        var most = Alive;
        if (filter.Images is { } images)
        {
            most = Math.Min(most, images.Count);
        }

        if (filter.Collections is { } collections)
        {
            most = Math.Min(most, collections.Sum(c => _rowsOfCollection.GetValueOrDefault(c)));
        }

        return most;
    }

    // A walk scores about 12 * width / selectivity nodes; where that is dearer than scoring the allowed rows one by one, scan.
    private bool IsScanCheaper(int allowed, int width) =>
        width > WidestBeam || (double)allowed * allowed * NodesPerRow < 12.0 * width * Rows;

    private void Scan(float* target, int allowed, VectorFilter filter, int count, TopImages best, CancellationToken cancellationToken)
    {
        if (filter.Images is { } images && images.Count <= Rows / ChecksPerRow)
        {
            ScanImages(target, images, filter, best);
            return;
        }

        if (allowed < ParallelRows)
        {
            ScanNodes(target, 0, Nodes, filter, best);
            return;
        }

        const int Chunk = 8192;
        var merged = new Lock();
        Parallel.For(0, (Nodes + Chunk - 1) / Chunk, new ParallelOptions { CancellationToken = cancellationToken },
            () => new TopImages(count),
            (chunk, _, own) =>
            {
                ScanNodes(target, chunk * Chunk, Math.Min(Nodes, (chunk + 1) * Chunk), filter, own);
                return own;
            },
            own =>
            {
                lock (merged)
                {
                    best.Merge(own);
                }
            });
    }

    private void ScanImages(float* target, ImageSet images, VectorFilter filter, TopImages best)
    {
        foreach (var image in images.Ids())
        {
            if (RowOf(image, filter.Version) is >= 0 and var row && filter.Allows(image, Collections.Pointer[row]))
            {
                best.Offer(image, ExactScore(target, NodeOf(row)));
            }
        }
    }

    private void ScanNodes(float* target, int start, int end, VectorFilter filter, TopImages best)
    {
        for (var node = start; node < end; node++)
        {
            if (AllowsNode(node, filter))
            {
                OfferNode(target, node, filter, best);
            }
        }
    }

    /// <summary>A beam that meets every node but fills only with allowed ones, so that it widens by itself where few are allowed.</summary>
    /// <returns>False where a scan has become the cheaper way, as when all that is allowed lies far from the query.</returns>
    private bool TryWalkFiltered(QueryScorer scorer, int allowed, int width, VectorFilter filter, SearchScratch scratch)
    {
        var (pool, visited, frontier, links) = (scratch.Pool, scratch.Visited, scratch.Frontier, Graph.Rows(0));
        var budget = NodesPerRow * ((long)allowed + Rows / ChecksPerRow);
        var fresh = stackalloc int[HnswGraph.BaseLinks];
        pool.Reset(width);
        visited.Forget();
        frontier.Clear();
        var entry = Graph.Entry(scorer);
        visited.TryVisit(entry);
        Meet(entry, scorer.Score(entry));
        while (frontier.TryDequeue(out var node, out var negated) && -negated >= pool.Bar)
        {
            var count = GraphWalk.Gather(links, scorer, node, visited, fresh);
            budget -= count;
            if (budget < 0)
            {
                return false;
            }

            for (var i = 0; i < count; i++)
            {
                Meet(fresh[i], scorer.Score(fresh[i]));
            }
        }

        return true;

        void Meet(int node, float score)
        {
            if (score > pool.Bar)
            {
                frontier.Enqueue(node, -score);
                if (AllowsNode(node, filter))
                {
                    pool.Insert(node, score);
                }
            }
        }
    }

    private bool AllowsNode(int node, VectorFilter filter)
    {
        for (var row = FirstRow(node); row < FirstRow(node + 1); row++)
        {
            if (Allows(row, filter))
            {
                return true;
            }
        }

        return false;
    }
}
