namespace Sightline.Search;

/// <summary>The images that the last filters allow, kept as long as no image changes. Thread-safe.</summary>
internal sealed class FilterResults(Catalog catalog)
{
    private const int Capacity = 32;

    private readonly Dictionary<string, (long Version, ImageSet Images)> _known = [];
    private readonly Queue<string> _order = new();
    private readonly Lock _gate = new();

    internal async Task<ImageSet> EvaluateAsync(ImageFilter filter, FactTable facts, CancellationToken cancellationToken)
    {
        // Tags change without a change of the images: they are asked for each time.
        var tagged = new Dictionary<string, ImageSet>();
        foreach (var tag in filter.Tags.Distinct())
        {
            tagged[tag] = new ImageSet(await catalog.FindTaggedAsync(tag, cancellationToken));
        }

        var (version, key) = (facts.Version, filter.Key);
        if (tagged.Count == 0 && Find(key, version) is { } kept)
        {
            return kept;
        }

        var images = facts.Where(filter.Compile(facts, tagged));
        if (tagged.Count == 0)
        {
            Keep(key, version, images);
        }

        return images;
    }

    private ImageSet? Find(string key, long version)
    {
        lock (_gate)
        {
            return _known.TryGetValue(key, out var kept) && kept.Version == version ? kept.Images : null;
        }
    }

    private void Keep(string key, long version, ImageSet images)
    {
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
    }
}
