using System.Numerics.Tensors;

namespace Sightline.Search;

/// <summary>
/// The vectors of one space in memory, searched exactly. One writer appends to blocks and publishes a new snapshot; readers take no lock.
/// A deletion clears one bit; when half the slots are dead the live ones are copied together.
/// </summary>
internal sealed class VectorIndex(int dimensions)
{
    private const int BlockSize = 4096;

    // Below this many multiplications one thread is done before a second has started.
    private const long ParallelWork = 4_000_000;

    private readonly Dictionary<long, int> _slots = [];
    private readonly Lock _writer = new();
    private volatile Snapshot _current = new([], 0, 0);

    /// <summary>Vectors that a search looks at.</summary>
    internal int Count => _current.Alive;

    /// <summary>Adds a vector or replaces the one the image has.</summary>
    internal void Set(ImageId image, ReadOnlySpan<float> vector)
    {
        lock (_writer)
        {
            Append(image.Value, vector);
        }
    }

    /// <summary>Takes an image out; one that is not there is no error, since a change may be read twice.</summary>
    internal void Remove(ImageId image)
    {
        lock (_writer)
        {
            if (_slots.Remove(image.Value, out var slot))
            {
                Kill(slot);
                Publish(_current.Blocks, _current.Count);
                CompactIfSparse();
            }
        }
    }

    /// <summary>A copy of an image's vector; null when it has none.</summary>
    internal float[]? Find(ImageId image)
    {
        lock (_writer)
        {
            return _slots.TryGetValue(image.Value, out var slot)
                ? _current.Blocks[slot / BlockSize].Vector(slot % BlockSize, dimensions).ToArray()
                : null;
        }
    }

    /// <summary>The <paramref name="count"/> most similar images by dot product, best first, equal scores by id.</summary>
    internal ScoredImage[] Search(ReadOnlySpan<float> query, int count, ImageId? except, CancellationToken cancellationToken)
    {
        var snapshot = _current;
        var blocks = (snapshot.Count + BlockSize - 1) / BlockSize;
        var target = query.ToArray();
        if (blocks <= 1 || (long)snapshot.Count * dimensions < ParallelWork)
        {
            var best = new TopImages(count);
            for (var block = 0; block < blocks; block++)
            {
                Scan(snapshot, block, target, except, best);
            }

            return best.ToSortedArray();
        }

        var merged = new TopImages(count);
        var options = new ParallelOptions { CancellationToken = cancellationToken };
        Parallel.For(0, blocks, options, () => new TopImages(count), (block, _, best) =>
        {
            Scan(snapshot, block, target, except, best);
            return best;
        }, best =>
        {
            lock (merged)
            {
                merged.Merge(best);
            }
        });
        return merged.ToSortedArray();
    }

    private void Scan(Snapshot snapshot, int index, float[] query, ImageId? except, TopImages best)
    {
        var block = snapshot.Blocks[index];
        var count = Math.Min(BlockSize, snapshot.Count - index * BlockSize);
        for (var i = 0; i < count; i++)
        {
            if (block.IsAlive(i) && block.Ids[i] != except?.Value)
            {
                best.Offer(block.Ids[i], TensorPrimitives.Dot(block.Vector(i, dimensions), query));
            }
        }
    }

    private void Append(long id, ReadOnlySpan<float> vector)
    {
        var (blocks, count) = (_current.Blocks, _current.Count);
        if (count == blocks.Length * BlockSize)
        {
            blocks = [.. blocks, new Block(dimensions)];
        }

        var block = blocks[count / BlockSize];
        vector.CopyTo(block.Vector(count % BlockSize, dimensions));
        block.Ids[count % BlockSize] = id;
        block.Revive(count % BlockSize);
        if (_slots.Remove(id, out var old))
        {
            Kill(old);
        }

        _slots[id] = count;
        Publish(blocks, count + 1);
        CompactIfSparse();
    }

    private void Kill(int slot) => _current.Blocks[slot / BlockSize].Kill(slot % BlockSize);

    // Readers of the old snapshot go on over arrays that nobody changes any more.
    private void CompactIfSparse()
    {
        var old = _current;
        if (old.Count <= BlockSize || old.Count <= 2 * _slots.Count)
        {
            return;
        }

        var blocks = new Block[(_slots.Count + BlockSize - 1) / BlockSize];
        var count = 0;
        foreach (var (id, slot) in _slots.OrderBy(s => s.Value).ToList())
        {
            var block = blocks[count / BlockSize] ??= new Block(dimensions);
            old.Blocks[slot / BlockSize].Vector(slot % BlockSize, dimensions).CopyTo(block.Vector(count % BlockSize, dimensions));
            block.Ids[count % BlockSize] = id;
            block.Revive(count % BlockSize);
            _slots[id] = count++;
        }

        Publish(blocks, count);
    }

    private void Publish(Block[] blocks, int count) => _current = new Snapshot(blocks, count, _slots.Count);

    private sealed record Snapshot(Block[] Blocks, int Count, int Alive);

    private sealed class Block(int dimensions)
    {
        private readonly float[] _vectors = GC.AllocateUninitializedArray<float>(BlockSize * dimensions);
        private readonly ulong[] _alive = new ulong[BlockSize / 64];

        internal long[] Ids { get; } = new long[BlockSize];

        internal Span<float> Vector(int slot, int length) => _vectors.AsSpan(slot * length, length);

        internal bool IsAlive(int slot) => (Volatile.Read(ref _alive[slot >> 6]) >> (slot & 63) & 1) != 0;

        internal void Revive(int slot) => Interlocked.Or(ref _alive[slot >> 6], 1ul << (slot & 63));

        internal void Kill(int slot) => Interlocked.And(ref _alive[slot >> 6], ~(1ul << (slot & 63)));
    }
}
