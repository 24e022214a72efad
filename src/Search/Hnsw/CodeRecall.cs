namespace Sightline.Search;

/// <summary>Measures what the walk codes of a segment can tell apart, before a graph is built on them.</summary>
internal static unsafe class CodeRecall
{
    private const int Queries = 64;
    private const int MostNodes = 32_768;
    private const int Wanted = 10;
    private const int Kept = 40;

    /// <summary>Of the ten nodes nearest to a node, the part that is among the forty with the best codes: the mean over a sample.</summary>
    internal static double Measure(SegmentImage image, VectorCodec codec, ParallelOptions parallel)
    {
        // Nodes are in random order: the first ones are a sample.
        var nodes = Math.Min(image.Shape.Nodes, MostNodes);
        var found = 0;
        var queries = Math.Min(Queries, nodes);
        Parallel.For(0, queries, parallel, query => Interlocked.Add(ref found, Count(image, codec, query, nodes)));
        return found / (double)(queries * Math.Min(Wanted, nodes));
    }

    private static int Count(SegmentImage image, VectorCodec codec, int self, int nodes)
    {
        var dimensions = codec.Dimensions;
        var (vector, code) = (new float[dimensions], new sbyte[codec.Width]);
        VectorCodec.DecodeExact(image.Exact.Span((long)self * dimensions, dimensions), image.ExactSteps.Pointer[self], vector);
        var sum = codec.EncodeQuery(vector, code, new float[codec.Width]);
        var (nearest, best) = (new TopImages(Wanted), new TopImages(Kept));
        fixed (float* target = vector)
        fixed (sbyte* query = code)
        {
            var scorer = new QueryScorer(image.Codes, query, sum);
            for (var node = 0; node < nodes; node++)
            {
                nearest.Offer(
                    node, image.ExactSteps.Pointer[node] * Kernels.Dot(image.Exact.Pointer + (long)node * dimensions, target, dimensions));
                best.Offer(node, scorer.Score(node));
            }
        }

        return nearest.ToSortedArray().Select(s => s.Image).Intersect(best.ToSortedArray().Select(s => s.Image)).Count();
    }
}
