namespace Sightline.Search;

/// <summary>The best N of a stream of scored images: a heap whose top is the worst one kept. Not thread-safe.</summary>
internal sealed class TopImages(int capacity)
{
    private readonly PriorityQueue<ScoredImage, ScoredImage> _worstFirst =
        new(Comparer<ScoredImage>.Create(static (x, y) => y.CompareTo(x)));

    private float _bar = float.NegativeInfinity;

    internal void Offer(long id, float score)
    {
        if (_worstFirst.Count < capacity)
        {
            Push(new ScoredImage(new ImageId(id), score));
        }
        else if (score >= _bar)
        {
            var candidate = new ScoredImage(new ImageId(id), score);
            if (capacity > 0 && candidate.CompareTo(_worstFirst.Peek()) < 0)
            {
                _worstFirst.Dequeue();
                Push(candidate);
            }
        }
    }

    internal void Merge(TopImages other)
    {
        foreach (var (image, _) in other._worstFirst.UnorderedItems)
        {
            Offer(image.Image.Value, image.Score);
        }
    }

    internal ScoredImage[] ToSortedArray()
    {
        ScoredImage[] sorted = [.. _worstFirst.UnorderedItems.Select(item => item.Element)];
        Array.Sort(sorted);
        return sorted;
    }

    private void Push(ScoredImage image)
    {
        _worstFirst.Enqueue(image, image);
        if (_worstFirst.Count == capacity)
        {
            _bar = _worstFirst.Peek().Score;
        }
    }
}
