namespace Sightline.Search;

/// <summary>Which nodes a search has met: a stamp for each, so that forgetting all is adding one.</summary>
internal sealed unsafe class VisitedMarks(int nodes)
{
    private readonly ushort[] _stamps = GC.AllocateArray<ushort>(nodes, pinned: true);
    private ushort _stamp;

    internal void Forget()
    {
        if (++_stamp == 0)
        {
            Array.Clear(_stamps);
            _stamp = 1;
        }
    }

    /// <returns>The node had not been met since <see cref="Forget"/>.</returns>
    internal bool TryVisit(int node)
    {
        if (_stamps[node] == _stamp)
        {
            return false;
        }

        _stamps[node] = _stamp;
        return true;
    }
}
