namespace Sightline.Search;

/// <summary>
/// The best N of a stream of scored images: candidates gather in a buffer of twice the size, which is sorted and cut when it is full.
/// Not thread-safe.
/// </summary>
internal sealed class TopImages(int capacity)
{
    private ScoredImage[] _buffer = new ScoredImage[Math.Min(2L * capacity, 256)];
    private int _count;

    /// <summary>Below this score an offer changes nothing.</summary>
    internal float Bar { get; private set; } = capacity > 0 ? float.NegativeInfinity : float.PositiveInfinity;

    internal void Offer(long id, float score)
    {
        if (!(score >= Bar))
        {
            return;
        }

        if (_count == _buffer.Length)
        {
            MakeRoom();
        }

        _buffer[_count++] = new ScoredImage(new ImageId(id), score);
    }

    internal void Merge(TopImages other)
    {
        foreach (var image in other._buffer.AsSpan(0, other._count))
        {
            Offer(image.Image.Value, image.Score);
        }
    }

    internal ScoredImage[] ToSortedArray()
    {
        Cut();
        return _buffer[.._count];
    }

    private void MakeRoom()
    {
        if (_count < 2L * capacity)
        {
            Array.Resize(ref _buffer, (int)Math.Min(2L * capacity, 2L * _count));
        }
        else
        {
            Cut();
        }
    }

    private void Cut()
    {
        _buffer.AsSpan(0, _count).Sort();
        if (_count >= capacity && capacity > 0)
        {
            _count = capacity;
            Bar = _buffer[capacity - 1].Score;
        }
    }
}
