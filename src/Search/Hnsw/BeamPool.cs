using System.Numerics;
using System.Runtime.CompilerServices;

namespace Sightline.Search;

/// <summary>
/// The candidates of a beam search, best first, at most <c>ef</c> of them, each known to be expanded or not: one sorted array of
/// 64-bit keys (<see cref="ScoredNode"/>, the mark for expanded ones) does the work of the paper's two heaps.
/// </summary>
internal sealed unsafe class BeamPool
{
    private ulong[] _keys = [];
    private int _capacity;

    internal int Count { get; private set; }

    /// <summary>A candidate at or below this cannot enter.</summary>
    internal float Bar => Count < _capacity ? float.NegativeInfinity : ScoredNode.Score(_keys[Count - 1]);

    internal void Reset(int capacity)
    {
        if (_keys.Length < capacity + 1)
        {
            _keys = GC.AllocateUninitializedArray<ulong>((int)BitOperations.RoundUpToPowerOf2((uint)capacity + 1), pinned: true);
        }

        _capacity = capacity;
        Count = 0;
    }

    internal int Node(int place) => ScoredNode.Node(_keys[place]);

    internal float Score(int place) => ScoredNode.Score(_keys[place]);

    internal bool IsExpanded(int place) => (_keys[place] & ScoredNode.Mark) != 0;

    internal void MarkExpanded(int place) => _keys[place] |= ScoredNode.Mark;

    /// <summary>Puts a node in its place, dropping the worst when full.</summary>
    /// <returns>Its place; capacity where it is too bad to enter.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Insert(int node, float score)
    {
        var key = ScoredNode.Key(node, score);
        if (Count == _capacity && key <= _keys[Count - 1])
        {
            return _capacity;
        }

        return Place(key);
    }

    private int Place(ulong key)
    {
        var keys = _keys;
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = keys[middle] > key ? (middle + 1, high) : (low, middle);
        }

        var kept = Math.Min(Count, _capacity - 1);
        keys.AsSpan(low, kept - low).CopyTo(keys.AsSpan(low + 1));
        keys[low] = key;
        Count = kept + 1;
        return low;
    }
}
