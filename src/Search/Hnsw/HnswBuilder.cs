using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sightline.Search;

/// <summary>
/// Builds an <see cref="HnswGraph"/> in bulk on all cores (algorithms 1 and 4 of the paper). A link list is read without a lock while it
/// is written: every value in it is a node or the end mark at any moment, and a neighbour missed once is met by another way. Lists
/// overflow into some slack, so that the costly choice of diverse neighbours is made once for many additions.
/// </summary>
internal sealed unsafe class HnswBuilder
{
    /// <summary>Nodes that compete to be a new node's neighbours (the paper's efConstruction).</summary>
    internal const int DefaultBeam = 96;

    private const int Slack = 16;

    // So many nodes are linked one after the other, for the others to find something to link to.
    private const int Sequential = 256;

    private readonly WalkCodes _codes;
    private readonly NativeArray<float> _biases;
    private readonly NativeArray<int> _sums;
    private readonly int[] _levelCounts;
    private readonly NativeArray<int>[] _links;
    private readonly NativeArray<int> _locks;
    private readonly int _beam;

    /// <param name="codes">The nodes in random order: the first ones become the upper levels.</param>
    /// <param name="biases">What each node's mean adds: see <see cref="NodeScorer"/>.</param>
    internal HnswBuilder(WalkCodes codes, NativeArray<float> biases, int beam = DefaultBeam)
    {
        _codes = codes;
        _biases = biases;
        _beam = beam;
        _sums = new NativeArray<int>(codes.Nodes);
        _locks = new NativeArray<int>(codes.Nodes);
        _locks.Span(0, codes.Nodes).Clear();
        _levelCounts = HnswGraph.CountLevels(codes.Nodes);
        _links = [.. _levelCounts.Select((nodes, level) => new NativeArray<int>((long)nodes * Capacity(level)))];
        for (var level = 0; level < _links.Length; level++)
        {
            NativeMemory.Fill(_links[level].Pointer, (nuint)(_links[level].Length * sizeof(int)), 0xFF);
        }

        for (var node = 0; node < codes.Nodes; node++)
        {
            var sum = 0;
            foreach (var code in codes.Code(node)[..codes.Width])
            {
                sum += code - 128;
            }

            _sums.Pointer[node] = sum;
        }
    }

    /// <param name="parallel">The cores to use; its token stops the build.</param>
    /// <param name="progress">Told the number of nodes linked, now and then; may be null.</param>
    /// <param name="graph">The links are written into this graph, which has these nodes.</param>
    internal void Build(HnswGraph graph, ParallelOptions parallel, Action<int>? progress)
    {
        var first = Math.Min(Sequential, _codes.Nodes);
        var scratch = new Scratch(_codes.Nodes);
        for (var node = 1; node < first; node++)
        {
            Insert(node, scratch);
        }

        var next = first;
        const int Batch = 64;
        var workers = parallel.MaxDegreeOfParallelism > 0 ? parallel.MaxDegreeOfParallelism : Environment.ProcessorCount;
        Parallel.For(0, workers, parallel, _ =>
        {
            var own = new Scratch(_codes.Nodes);
            for (int start; (start = Interlocked.Add(ref next, Batch) - Batch) < _codes.Nodes;)
            {
                parallel.CancellationToken.ThrowIfCancellationRequested();
                progress?.Invoke(start);
                for (var node = start; node < Math.Min(start + Batch, _codes.Nodes); node++)
                {
                    Insert(node, own);
                }
            }
        });
        Freeze(graph, parallel);
        ConnectStrays(graph, scratch);
    }

    private static int Capacity(int level) => HnswGraph.LinksOn(level) + Slack;

    private void Insert(int node, Scratch scratch)
    {
        var scorer = ScorerOf(node);
        var (at, best) = (0, scorer.Score(0));
        for (var level = _links.Length - 1; level >= 0; level--)
        {
            var rows = Rows(level);
            if (node >= _levelCounts[level])
            {
                at = GraphWalk.Descend(rows, scorer, at, ref best);
                continue;
            }

            GraphWalk.Beam(rows, scorer, at, scratch.Pool, scratch.Visited, _beam);
            (at, best) = (scratch.Pool.Node(0), scratch.Pool.Score(0));
            Link(level, node, scratch);
        }
    }

    private void Link(int level, int node, Scratch scratch)
    {
        var candidates = scratch.Candidates;
        candidates.Clear();
        for (var i = 0; i < scratch.Pool.Count; i++)
        {
            candidates.Add((scratch.Pool.Score(i), scratch.Pool.Node(i)));
        }

        ChooseDiverse(node, candidates, HnswGraph.LinksOn(level));
        Lock(node);
        Write(level, node, candidates);
        Unlock(node);
        foreach (var (score, neighbour) in candidates)
        {
            LinkBack(level, neighbour, node, scratch);
        }
    }

    private void LinkBack(int level, int node, int neighbour, Scratch scratch)
    {
        var list = ListOf(level, node);
        Lock(node);
        var count = CountOf(level, list);
        if (count < Capacity(level))
        {
            Volatile.Write(ref list[count], neighbour);
        }
        else
        {
            Shrink(level, node, neighbour, scratch.Overflow);
        }

        Unlock(node);
    }

    // The list is full: keep the diverse ones among what it holds and the newcomer.
    private void Shrink(int level, int node, int newcomer, List<(float Score, int Node)> candidates)
    {
        var list = ListOf(level, node);
        var scorer = ScorerOf(node);
        candidates.Clear();
        for (var i = 0; i < CountOf(level, list); i++)
        {
            candidates.Add((scorer.Score(list[i]), list[i]));
        }

        if (newcomer >= 0)
        {
            candidates.Add((scorer.Score(newcomer), newcomer));
        }

        candidates.Sort(static (x, y) => y.Score.CompareTo(x.Score));
        ChooseDiverse(node, candidates, HnswGraph.LinksOn(level));
        Write(level, node, candidates);
    }

    // Algorithm 4: a candidate closer to one already chosen than to the node is reached through that one.
    private void ChooseDiverse(int node, List<(float Score, int Node)> candidates, int most)
    {
        var kept = 0;
        for (var i = 0; i < candidates.Count && kept < most; i++)
        {
            var scorer = ScorerOf(candidates[i].Node);
            var score = scorer.Score(node);
            var diverse = true;
            for (var j = 0; j < kept && diverse; j++)
            {
                diverse = scorer.Score(candidates[j].Node) <= score;
            }

            if (diverse)
            {
                candidates[kept++] = candidates[i];
            }
        }

        candidates.RemoveRange(kept, candidates.Count - kept);
    }

    private void Write(int level, int node, List<(float Score, int Node)> neighbours)
    {
        var list = ListOf(level, node);
        for (var i = 0; i < Capacity(level); i++)
        {
            Volatile.Write(ref list[i], i < neighbours.Count ? neighbours[i].Node : -1);
        }
    }

    private void Freeze(HnswGraph graph, ParallelOptions parallel)
    {
        for (var level = 0; level < _links.Length; level++)
        {
            var (at, most, rows) = (level, HnswGraph.LinksOn(level), graph.Links[level]);
            Parallel.For(0, _levelCounts[level], parallel, () => new List<(float, int)>(), (node, _, candidates) =>
            {
                var list = ListOf(at, node);
                if (CountOf(at, list) > most)
                {
                    Shrink(at, node, newcomer: -1, candidates);
                }

                new ReadOnlySpan<int>(list, most).CopyTo(rows.Span((long)node * most, most));
                return candidates;
            }, static _ => { });
        }
    }

    // Choosing diverse neighbours can leave a node that no list leads to. Each gets a place in the list of a near node that has one free.
    private void ConnectStrays(HnswGraph graph, Scratch scratch)
    {
        var reached = new bool[graph.Nodes];
        var rows = graph.Rows(0);
        MarkReached(rows, 0, reached);
        for (var stray = 0; stray < graph.Nodes; stray++)
        {
            if (reached[stray])
            {
                continue;
            }

            var scorer = ScorerOf(stray);
            GraphWalk.Beam(rows, scorer, graph.Entry(scorer), scratch.Pool, scratch.Visited, _beam);
            var near = Enumerable.Range(0, scratch.Pool.Count).Select(scratch.Pool.Node);
            var host = near.Concat(Enumerable.Range(0, graph.Nodes)).First(node => reached[node] && HasFreePlace(rows, node));
            var list = rows.Of(host, out var capacity);
            new Span<int>(list, capacity)[new Span<int>(list, capacity).IndexOf(-1)] = stray;
            MarkReached(rows, stray, reached);
        }
    }

    private static bool HasFreePlace(LinkRows rows, int node)
    {
        var list = rows.Of(node, out var capacity);
        return list[capacity - 1] < 0;
    }

    private static void MarkReached(LinkRows rows, int from, bool[] reached)
    {
        var waiting = new Stack<int>([from]);
        reached[from] = true;
        while (waiting.TryPop(out var node))
        {
            var list = rows.Of(node, out var capacity);
            for (var i = 0; i < capacity && list[i] >= 0; i++)
            {
                if (!reached[list[i]])
                {
                    reached[list[i]] = true;
                    waiting.Push(list[i]);
                }
            }
        }
    }

    private NodeScorer ScorerOf(int node) => new(_codes, _biases.Pointer, _sums.Pointer, node);

    private LinkRows Rows(int level) => new(_links[level].Pointer, Capacity(level));

    private int* ListOf(int level, int node) => _links[level].Pointer + (long)node * Capacity(level);

    private static int CountOf(int level, int* list)
    {
        var count = 0;
        while (count < Capacity(level) && list[count] >= 0)
        {
            count++;
        }

        return count;
    }

    private void Lock(int node)
    {
        var spin = default(SpinWait);
        while (Interlocked.CompareExchange(ref _locks.Pointer[node], 1, 0) != 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Unlock(int node) => Volatile.Write(ref _locks.Pointer[node], 0);

    private sealed class Scratch(int nodes)
    {
        internal BeamPool Pool { get; } = new();

        internal VisitedMarks Visited { get; } = new(nodes);

        internal List<(float Score, int Node)> Candidates { get; } = [];

        internal List<(float Score, int Node)> Overflow { get; } = [];
    }
}
