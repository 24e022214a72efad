using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sightline.Search;

/// <summary>Gives the neighbours of a node on one level.</summary>
internal unsafe interface ILinks
{
    /// <summary>The first neighbour; the list ends at <paramref name="capacity"/> or at -1.</summary>
    int* Of(int node, out int capacity);
}

/// <summary>Gives the similarity of a node to what is looked for; greater is closer.</summary>
internal interface IScorer
{
    float Score(int node);

    void Prefetch(int node);
}

/// <summary>
/// The search of Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using HNSW graphs" (2018), algorithms 2
/// and 5, written once for the served graph and the one being built.
/// </summary>
internal static unsafe class GraphWalk
{
    private const int MostLinks = 128;

    /// <summary>Steps to a better neighbour until there is none: the upper levels, whose beam is one node wide.</summary>
    internal static int Descend<TLinks, TScorer>(TLinks links, TScorer scorer, int entry, ref float best)
        where TLinks : struct, ILinks
        where TScorer : struct, IScorer
    {
        for (var at = entry; ;)
        {
            var neighbours = links.Of(at, out var capacity);
            var next = at;
            for (var i = 0; i < capacity; i++)
            {
                // Read once: a builder may be writing the list.
                var neighbour = Volatile.Read(ref neighbours[i]);
                if (neighbour < 0)
                {
                    break;
                }

                var score = scorer.Score(neighbour);
                if (score > best)
                {
                    (best, next) = (score, neighbour);
                }
            }

            if (next == at)
            {
                return at;
            }

            at = next;
        }
    }

    /// <summary>Fills the pool with the closest nodes that a beam as wide as the pool finds from the entry.</summary>
    internal static void Beam<TLinks, TScorer>(TLinks links, TScorer scorer, int entry, BeamPool pool, VisitedMarks visited, int capacity)
        where TLinks : struct, ILinks
        where TScorer : struct, IScorer
    {
        var fresh = stackalloc int[MostLinks];
        pool.Reset(capacity);
        visited.Forget();
        visited.TryVisit(entry);
        pool.Insert(entry, scorer.Score(entry));
        for (var place = 0; place < pool.Count;)
        {
            if (pool.IsExpanded(place))
            {
                place++;
                continue;
            }

            pool.MarkExpanded(place);
            var count = Gather(links, scorer, pool.Node(place), visited, fresh);
            place++;
            for (var i = 0; i < count; i++)
            {
                place = Math.Min(place, pool.Insert(fresh[i], scorer.Score(fresh[i])));
            }
        }
    }

    /// <summary>Writes the neighbours that were not met before, and asks for their codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Gather<TLinks, TScorer>(TLinks links, TScorer scorer, int node, VisitedMarks visited, int* fresh)
        where TLinks : struct, ILinks
        where TScorer : struct, IScorer
    {
        var neighbours = links.Of(node, out var capacity);
        var count = 0;
        for (var i = 0; i < capacity; i++)
        {
            var neighbour = Volatile.Read(ref neighbours[i]);
            if (neighbour < 0)
            {
                break;
            }

            if (visited.TryVisit(neighbour))
            {
                fresh[count++] = neighbour;
                scorer.Prefetch(neighbour);
            }
        }

        return count;
    }
}

/// <summary>Links in rows of fixed length, unused places -1.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly unsafe struct LinkRows(int* first, int perNode) : ILinks
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int* Of(int node, out int capacity)
    {
        capacity = perNode;
        return first + (long)node * perNode;
    }
}

/// <summary>Scores nodes against a query's code.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly unsafe struct QueryScorer(WalkCodes codes, sbyte* query, int querySum) : IScorer
{
    private readonly byte* _codes = codes.Codes.Pointer;
    private readonly float* _steps = codes.Steps.Pointer;
    private readonly int _width = codes.Width;
    private readonly int _bytes = codes.Bytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Score(int node)
    {
        var code = _codes + (long)node * _bytes;
        float dot = Kernels.Dot(code, query, querySum, _width);
        if (_bytes > _width)
        {
            dot += Kernels.Dot(code + _width, query, querySum, _width) * VectorCodec.SecondLevel;
        }

        return _steps[node] * dot;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int node) => Kernels.Prefetch(_codes + (long)node * _bytes, _bytes);
}

/// <summary>
/// Scores nodes against a node, of whose code the first level is used: the inner product of the two vectors but for a constant that is the
/// node's own, so that only scores of one scorer can be compared. Codes are centred, so what the mean adds, each node's bias, comes back
/// here.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly unsafe struct NodeScorer(WalkCodes codes, float* biases, int* sums, int self) : IScorer
{
    private readonly byte* _codes = codes.Codes.Pointer;
    private readonly float* _steps = codes.Steps.Pointer;
    private readonly byte* _self = codes.Codes.Pointer + (long)self * codes.Bytes;
    private readonly int _sum = sums[self];
    private readonly float _step = codes.Steps.Pointer[self];
    private readonly int _width = codes.Width;
    private readonly int _bytes = codes.Bytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Score(int node)
    {
        var code = _codes + (long)node * _bytes;
        float dot = Kernels.DotCodes(code, _self, _sum, _width);
        if (_bytes > _width)
        {
            dot += Kernels.DotCodes(code + _width, _self, _sum, _width) * VectorCodec.SecondLevel;
        }

        return _step * _steps[node] * dot + biases[node];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int node) => Kernels.Prefetch(_codes + (long)node * _bytes, _bytes);
}
