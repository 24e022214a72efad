using Sightline.Training.Runs;

namespace Sightline.Training.Steps;

/// <summary>Figures of the steps since the last line of metrics.</summary>
internal sealed class MetricSums
{
    private readonly Dictionary<string, MetricSum> _sums = [];

    internal bool IsEmpty => _sums.Count == 0;

    internal void Add(string name, double value)
    {
        var sum = _sums.GetValueOrDefault(name, new MetricSum(0, 0));
        _sums[name] = new MetricSum(sum.Total + value, sum.Count + 1);
    }

    internal double Total(string name) => _sums.GetValueOrDefault(name, new MetricSum(0, 0)).Total;

    /// <summary>Of the steps that had the figure.</summary>
    internal double? Mean(string name) => _sums.TryGetValue(name, out var sum) ? sum.Total / sum.Count : null;

    internal IEnumerable<string> Names => _sums.Keys;

    internal void Clear() => _sums.Clear();

    internal Dictionary<string, MetricSum> Save() => new(_sums);

    internal void Restore(IReadOnlyDictionary<string, MetricSum> saved)
    {
        Clear();
        foreach (var (name, sum) in saved)
        {
            _sums[name] = sum;
        }
    }
}
