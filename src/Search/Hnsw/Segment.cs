using System.Runtime.CompilerServices;

namespace Sightline.Search;

/// <summary>
/// An immutable part of the index: the graph over the distinct vectors ("nodes"), their codes, and the images that have each ("rows",
/// ordered by node: photo collections are full of copies, and equal vectors would tie the graph in knots). Only rows can be deleted.
/// Thread-safe; readers take no lock.
/// </summary>
internal sealed unsafe partial class Segment : IVectorRows
{
    private readonly ScratchPool _scratches;
    private readonly RowDirectory _directory;
    private readonly Dictionary<long, int> _rowsOfCollection = [];

    /// <param name="codec">Another segment's, used for this one where it is the same, so that a query is encoded once for both.</param>
    internal Segment(SegmentImage image, RowDeletions deletions, VectorCodec? codec)
    {
        (Image, Deletions) = (image, deletions);
        Codec = codec is not null && codec.IsOf(image) ? codec : new VectorCodec(image.Mean, image.Projection);
        foreach (var collection in image.Collections.Span(0, Rows))
        {
            _rowsOfCollection[collection] = _rowsOfCollection.GetValueOrDefault(collection) + 1;
        }

        _directory = new RowDirectory(image.Images);
        _scratches = new ScratchPool(Nodes);
    }

    internal SegmentImage Image { get; }

    internal VectorCodec Codec { get; }

    internal RowDeletions Deletions { get; }

    internal int Nodes => Image.Shape.Nodes;

    internal int Rows => Image.Shape.Rows;

    internal int Alive => Rows - Deletions.Count;

    /// <summary>Bytes of memory: vectors, graph, ids and the directory that finds them.</summary>
    internal long Bytes => Image.Block.Bytes + _directory.Bytes + (Deletions.Count > 0 ? sizeof(uint) * (long)Rows : 0);

    private HnswGraph Graph => Image.Graph;

    private NativeArray<long> Images => Image.Images;

    private NativeArray<int> Collections => Image.Collections;

    private NativeArray<int>? RowStarts => Image.RowStarts;

    private NativeArray<short> Exact => Image.Exact;

    private NativeArray<float> ExactSteps => Image.ExactSteps;

    /// <returns>The row of an image that is alive; -1 where there is none.</returns>
    internal int RowOf(long image, uint version = uint.MaxValue)
    {
        var row = _directory.Find(image);
        return row >= 0 && !Deletions.IsDeleted(row, version) ? row : -1;
    }

    public bool IsAlive(int row) => !Deletions.IsDeleted(row, uint.MaxValue);

    /// <returns>The image had a row.</returns>
    internal bool Delete(long image, uint version) => _directory.Find(image) is >= 0 and var row && Deletions.Delete(row, version);

    /// <summary>Every row that is alive now.</summary>
    internal IEnumerable<SourceRow> AliveRows()
    {
        for (var row = 0; row < Rows; row++)
        {
            if (IsAlive(row))
            {
                yield return RowAt(row);
            }
        }
    }

    /// <summary>The vector of a row, within 1e-5 of what was put in.</summary>
    internal void ReadVector(int row, Span<float> vector)
    {
        var node = NodeOf(row);
        VectorCodec.DecodeExact(ExactCode(node), ExactSteps.Pointer[node], vector);
    }

    public float ReadExact(int row, Span<short> code)
    {
        var node = NodeOf(row);
        ExactCode(node).CopyTo(code);
        return ExactSteps.Pointer[node];
    }

    internal ReadOnlySpan<short> ExactCode(int node) => Exact.Span((long)node * Codec.Dimensions, Codec.Dimensions);

    internal int NodeOf(int row)
    {
        if (RowStarts is null)
        {
            return row;
        }

        var (low, high) = (0, Nodes - 1);
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            (low, high) = RowStarts.Pointer[middle] <= row ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    /// <summary>Offers the closest rows that the filter allows.</summary>
    /// <param name="count">Rows wanted.</param>
    /// <param name="beam">Nodes that the walk keeps in view, at least: more is slower and finds more.</param>
    internal void Search(
        PreparedQuery query, int count, int beam, VectorFilter filter, TopImages best, CancellationToken cancellationToken)
    {
        // What is allowed may lie in a shell around the query, where a narrow beam goes astray.
        var width = Math.Max(filter.IsSelective ? 2 * beam : beam, count);
        var allowed = MostAllowed(filter);
        var scratch = _scratches.Rent();
        var (code, sum) = query.CodeFor(Codec);
        fixed (float* target = query.Values)
        fixed (sbyte* pinned = code)
        {
            var scorer = new QueryScorer(Image.Codes, pinned, sum);
            if (IsScanCheaper(allowed, width) || !TryWalk(scorer, allowed, width, filter, scratch)
                || (scratch.Pool.Count < count && scratch.Pool.Count < allowed))
            {
                Scan(target, scorer, allowed, filter, count, best, cancellationToken);
            }
            else
            {
                Rescore(target, scratch.Pool, filter, best);
            }
        }

        _scratches.Return(scratch);
        GC.KeepAlive(this);
    }

    private bool TryWalk(QueryScorer scorer, int allowed, int width, VectorFilter filter, SearchScratch scratch)
    {
        if (filter.IsSelective || Deletions.Count > 0)
        {
            return TryWalkFiltered(scorer, allowed, width, filter, scratch);
        }

        GraphWalk.Beam(Graph.Rows(0), scorer, Graph.Entry(scorer), scratch.Pool, scratch.Visited, width);
        return true;
    }

    private void Rescore(float* target, BeamPool pool, VectorFilter filter, TopImages best)
    {
        const int Ahead = 4;
        var bytes = Codec.Dimensions * sizeof(short);
        for (var i = 0; i < Math.Min(Ahead, pool.Count); i++)
        {
            Kernels.Prefetch(Exact.Pointer + (long)pool.Node(i) * Codec.Dimensions, bytes);
        }

        for (var i = 0; i < pool.Count; i++)
        {
            if (i + Ahead < pool.Count)
            {
                Kernels.Prefetch(Exact.Pointer + (long)pool.Node(i + Ahead) * Codec.Dimensions, bytes);
            }

            OfferNode(target, pool.Node(i), filter, best);
        }
    }

    private void OfferNode(float* target, int node, VectorFilter filter, TopImages best)
    {
        var score = ExactScore(target, node);
        if (score >= best.Bar)
        {
            for (var row = FirstRow(node); row < FirstRow(node + 1); row++)
            {
                if (Allows(row, filter))
                {
                    best.Offer(Images.Pointer[row], score);
                }
            }
        }
    }

    private float ExactScore(float* target, int node) =>
        ExactSteps.Pointer[node] * Kernels.Dot(Exact.Pointer + (long)node * Codec.Dimensions, target, Codec.Dimensions);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Allows(int row, VectorFilter filter) =>
        !Deletions.IsDeleted(row, filter.Version) && filter.Allows(Images.Pointer[row], Collections.Pointer[row]);

    internal SourceRow RowAt(int row) => new(this, row, Images.Pointer[row], Collections.Pointer[row]);

    private int FirstRow(int node) => RowStarts is null ? node : RowStarts.Pointer[node];
}
