using System.Numerics;
using System.Runtime.CompilerServices;

namespace Sightline.Search;

/// <summary>
/// The candidates of a beam search, best first, at most <c>ef</c> of them, each known to be expanded or not: one sorted array of
/// 64-bit keys (score above, node and mark below) does the work of the paper's two heaps.
/// </summary>
internal sealed unsafe class BeamPool
{
    private ulong[] _keys = [];
    private int _capacity;

    internal int Count { get; private set; }

    /// <summary>A candidate at or below this cannot enter.</summary>
    internal float Bar => Count < _capacity ? float.NegativeInfinity : ScoreOf(_keys[Count - 1]);

    internal void Reset(int capacity)
    {
        if (_keys.Length < capacity + 1)
        {
            _keys = GC.AllocateUninitializedArray<ulong>((int)BitOperations.RoundUpToPowerOf2((uint)capacity + 1), pinned: true);
        }

        _capacity = capacity;
        Count = 0;
    }

    internal int Node(int place) => (int)((uint)_keys[place] >> 1);

    internal float Score(int place) => ScoreOf(_keys[place]);

    internal bool IsExpanded(int place) => (_keys[place] & 1) != 0;

    internal void MarkExpanded(int place) => _keys[place] |= 1;

    /// <summary>Puts a node in its place, dropping the worst when full.</summary>
    /// <returns>Its place; capacity where it is too bad to enter.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Insert(int node, float score)
    {
        var key = (ulong)Ordered(score) << 32 | (uint)node << 1;
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

    // Unsigned integers in the order of the floats.
    private static uint Ordered(float score)
    {
        var bits = BitConverter.SingleToInt32Bits(score);
        return (uint)(bits ^ (bits >> 31 | int.MinValue));
    }

    private static float ScoreOf(ulong key)
    {
        var ordered = (int)(key >> 32);
        return BitConverter.Int32BitsToSingle(ordered ^ (~ordered >> 31 | int.MinValue));
    }
}
