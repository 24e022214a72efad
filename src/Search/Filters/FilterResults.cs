namespace Sightline.Search;

/// <summary>The images that the last filters allow, kept as long as no image changes. Thread-safe.</summary>
internal sealed class FilterResults
{
    private const int Capacity = 32;

    private readonly Dictionary<string, (long Version, ImageSet Images)> _known = [];
    private readonly Queue<string> _order = new();
    private readonly Lock _gate = new();

    internal Task<ImageSet> EvaluateAsync(ImageFilter filter, FactTable facts, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (version, key) = (facts.Version, filter.Key);
        lock (_gate)
        {
            if (_known.TryGetValue(key, out var kept) && kept.Version == version)
            {
                return Task.FromResult(kept.Images);
            }
        }

        var images = facts.Where(filter.Compile(facts, new Dictionary<string, ImageSet>()));
        lock (_gate)
        {
            if (!_known.ContainsKey(key))
            {
                _order.Enqueue(key);
            }

            _known[key] = (version, images);
            if (_order.Count > Capacity)
            {
                _known.Remove(_order.Dequeue());
            }
        }

        return Task.FromResult(images);
    }
}
