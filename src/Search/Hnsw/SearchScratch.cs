namespace Sightline.Search;

/// <summary>What one search of a segment needs for itself; used again by the next.</summary>
internal sealed unsafe class SearchScratch(int nodes)
{
    private sbyte[] _query = [];
    private float[] _projected = [];

    internal BeamPool Pool { get; } = new();

    internal VisitedMarks Visited { get; } = new(nodes);

    internal PriorityQueue<int, float> Frontier { get; } = new();

    /// <summary>Pinned: the address stays.</summary>
    internal sbyte* QueryCode(int width)
    {
        if (_query.Length < width)
        {
            _query = GC.AllocateUninitializedArray<sbyte>(width, pinned: true);
        }

        return (sbyte*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_query, 0);
    }

    internal Span<float> Projected(int width)
    {
        if (_projected.Length < width)
        {
            _projected = new float[width];
        }

        return _projected.AsSpan(0, width);
    }
}

/// <summary>Scratches that are not in use. Taking and giving back are one exchange each: readers never wait for one another.</summary>
internal sealed class ScratchPool(int nodes)
{
    private readonly SearchScratch?[] _idle = new SearchScratch?[2 * Environment.ProcessorCount];

    internal SearchScratch Rent()
    {
        for (var i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is not null && Interlocked.Exchange(ref _idle[i], null) is { } scratch)
            {
                return scratch;
            }
        }

        return new SearchScratch(nodes);
    }

    internal void Return(SearchScratch scratch)
    {
        for (var i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is null && Interlocked.CompareExchange(ref _idle[i], scratch, null) is null)
            {
                return;
            }
        }
    }
}
