namespace Sightline.Search;

/// <summary>What one search of a segment needs for itself; used again by the next.</summary>
internal sealed class SearchScratch(int nodes)
{
    internal BeamPool Pool { get; } = new();

    internal VisitedMarks Visited { get; } = new(nodes);

    internal NodeHeap Frontier { get; } = new();
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
