namespace Sightline.Training.Data;

/// <summary>Counts faults by reason and keeps the first of them. For one thread.</summary>
internal sealed class FaultList
{
    /// <summary>Faults that are listed; the others are counted.</summary>
    internal const int MostListed = 10_000;

    private readonly List<DataFault> _listed = [];
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    internal IReadOnlyList<DataFault> Listed => _listed;

    internal IReadOnlyDictionary<string, long> Counts => _counts;

    internal void Add(DataFault fault)
    {
        _counts[fault.Reason] = _counts.GetValueOrDefault(fault.Reason) + 1;
        if (_listed.Count < MostListed)
        {
            _listed.Add(fault);
        }
    }
}
