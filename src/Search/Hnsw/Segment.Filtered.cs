using Sightline.Models;

namespace Sightline.Search;

// Searches that may return only some rows: a scan where few are allowed, else a walk that meets all nodes and keeps the allowed ones.
internal sealed unsafe partial class Segment
{
    // Nodes that a walk scores for each place in its beam, where all are allowed.
    private const double NodesPerPlace = 12;

    // A node met in a walk costs about as much as two rows scanned by their walk codes, or half a row scanned exactly.
    private const double CodedRowsPerNode = 2;
    private const double ExactRowsPerNode = 0.5;

    // A walk that has scored so many times what an even filter would take is on its way through what is not allowed.
    private const double Patience = 4;

    // Scans of so many rows are exact from the start; longer ones go by walk codes and rescore this many times what is wanted.
    private const int ExactRows = 4096;
    private const int RescoredTimes = 16;
    private const int RescoredLeast = 1024;

    // A scan of so many rows is worth a second core.
    private const int ParallelRows = 20_000;

    // Keeping a beam sorted costs more than it saves beyond this width.
    private const int WidestBeam = 2048;

    // Rows are scored in batches, each one's memory asked for so many rows ahead.
    private const int Batch = 256;
    private const int Ahead = 8;

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

    private double NodesOfWalk(int allowed, int width) => NodesPerPlace * width * Rows / Math.Max(allowed, 1);

    private bool IsScanCheaper(int allowed, int width) => width > WidestBeam
        || allowed <= (allowed <= ExactRows ? ExactRowsPerNode : CodedRowsPerNode) * NodesOfWalk(allowed, width);

    // Exact where few rows are allowed; else the walk codes choose what is scored exactly.
    private void Scan(
        float* target, QueryScorer scorer, int allowed, VectorFilter filter, int count, TopImages best, CancellationToken cancellationToken)
    {
        var isExact = allowed <= ExactRows || count > allowed / RescoredTimes;
        var keep = isExact ? count : Math.Max(RescoredLeast, RescoredTimes * count);
        var parts = allowed < ParallelRows ? 1 : Environment.ProcessorCount;
        var kept = new TopImages(keep);
        if (parts == 1)
        {
            ScanPart(0, 1, target, isExact, scorer, filter, kept);
        }
        else
        {
            Parallel.For(0, parts, Cores.Options(cancellationToken), part =>
            {
                var own = new TopImages(keep);
                ScanPart(part, parts, target, isExact, scorer, filter, own);
                lock (kept)
                {
                    kept.Merge(own);
                }
            });
        }

        if (isExact)
        {
            best.Merge(kept);
            return;
        }

        foreach (var candidate in kept.ToSortedArray())
        {
            var row = (int)candidate.Image.Value;
            best.Offer(Images.Pointer[row], ExactScore(target, NodeOf(row)));
        }
    }

    // Offers images with their exact scores, or rows with those of their codes.
    private void ScanPart(int part, int parts, float* target, bool isExact, QueryScorer scorer, VectorFilter filter, TopImages into)
    {
        var rows = stackalloc int[Batch];
        var count = 0;
        if (filter.Images is { } images && images.Count < Rows / Ahead)
        {
            foreach (var image in images.Ids(part, parts))
            {
                var row = RowOf(image, filter.Version);
                if (row >= 0 && filter.Allows(image, Collections.Pointer[row]))
                {
                    Take(row);
                }
            }
        }
        else
        {
            for (var row = (int)((long)Rows * part / parts); row < (long)Rows * (part + 1) / parts; row++)
            {
                if (Allows(row, filter))
                {
                    Take(row);
                }
            }
        }

        Score();

        void Take(int row)
        {
            rows[count++] = row;
            if (count == Batch)
            {
                Score();
            }
        }

        void Score()
        {
            for (var i = 0; i < Math.Min(Ahead, count); i++)
            {
                Ask(rows[i]);
            }

            for (var i = 0; i < count; i++)
            {
                if (i + Ahead < count)
                {
                    Ask(rows[i + Ahead]);
                }

                var node = NodeOf(rows[i]);
                if (isExact)
                {
                    into.Offer(Images.Pointer[rows[i]], ExactScore(target, node));
                }
                else
                {
                    into.Offer(rows[i], scorer.Score(node));
                }
            }

            count = 0;
        }

        void Ask(int row)
        {
            var node = NodeOf(row);
            if (isExact)
            {
                Kernels.Prefetch(Exact.Pointer + (long)node * Codec.Dimensions, Codec.Dimensions * sizeof(short));
            }
            else
            {
                scorer.Prefetch(node);
            }
        }
    }

    /// <summary>A beam that meets every node but fills only with allowed ones, so that it widens by itself where few are allowed.</summary>
    /// <returns>False where a scan has become the cheaper way, as when all that is allowed lies far from the query.</returns>
    private bool TryWalkFiltered(QueryScorer scorer, int allowed, int width, VectorFilter filter, SearchScratch scratch)
    {
        var (pool, visited, frontier, links) = (scratch.Pool, scratch.Visited, scratch.Frontier, Graph.Rows(0));
        var budget = Patience * NodesOfWalk(allowed, width);
        var fresh = stackalloc int[HnswGraph.BaseLinks];
        pool.Reset(width);
        visited.Forget();
        frontier.Clear();
        var entry = Graph.Entry(scorer);
        visited.TryVisit(entry);
        Meet(entry, scorer.Score(entry));
        while (frontier.TryPop(out var node, out var top) && top >= pool.Bar)
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
                frontier.Push(node, score);
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
