using Microsoft.Extensions.Logging;
using Npgsql;
using Sightline.Models;

namespace Sightline.Search;

/// <summary>
/// Moves one space's index between memory and the database: loads the segments that the manifest names and repairs damaged ones from the
/// rows; as the owner writes new segments and the manifest. A failed write loses nothing: the segments are in memory, the rows and the
/// log in the database, and the next write brings both up to date.
/// </summary>
internal sealed class IndexStore(Catalog catalog, EmbeddingSpace space, ILogger<IndexStore> logger)
{
    private readonly SemaphoreSlim _writing = new(1);
    private Dictionary<Segment, long> _numbers = [];
    private volatile IndexCapture? _stored;

    // Set by the follower's connection, whose advisory lock makes it true.
    private long _epoch;

    internal bool IsOwner => Volatile.Read(ref _epoch) != 0;

    /// <summary>Becomes the owner as long as this connection lives, unless another process is.</summary>
    internal async Task TryOwnAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await catalog.TryOwnIndexAsync(connection, space, cancellationToken) is not { } epoch)
        {
            return;
        }

        await _writing.WaitAsync(cancellationToken);
        try
        {
            // The owner before may have dropped what this process loaded or wrote: only what the manifest names is still there.
            var manifest = await catalog.ReadManifestAsync(space, cancellationToken);
            _numbers = _numbers.Where(stored => manifest.Segments.Contains(stored.Value)).ToDictionary();
            Volatile.Write(ref _epoch, epoch);
        }
        finally
        {
            _writing.Release();
        }
    }

    internal void Disown() => Volatile.Write(ref _epoch, 0);

    /// <summary>The manifest names exactly the segments of this index, and all that they cover.</summary>
    internal bool IsStored(VectorIndex index) =>
        _stored is { } stored && index.Capture() is var now && now.Covered == stored.Covered && now.Segments.SequenceEqual(stored.Segments);

    /// <summary>Fills an index from the database.</summary>
    /// <returns>The change number to follow from.</returns>
    internal async Task<long> LoadAsync(VectorIndex index, CancellationToken cancellationToken)
    {
        var manifest = await catalog.ReadManifestAsync(space, cancellationToken);
        if (manifest.Segments.Length == 0)
        {
            return await catalog.ReadVectorsAsync(
                space, (image, collection, vector) => index.Set(image, collection, vector), cancellationToken);
        }

        var numbers = new Dictionary<Segment, long>();
        var isDamaged = false;
        foreach (var (number, deleted) in manifest.Segments.Zip(manifest.Deleted))
        {
            var (image, damage) = await catalog.ReadSegmentAsync(space, number, cancellationToken);
            if (image is not null && image.Shape.Dimensions == space.Dimensions && deleted.Length == RowDeletions.BytesFor(image.Shape.Rows))
            {
                var codec = numbers.Keys.FirstOrDefault()?.Codec;
                numbers.Add(new Segment(image, new RowDeletions(image.Shape.Rows, deleted), codec), number);
            }
            else
            {
                isDamaged = true;
                logger.SegmentDamaged(number, space.ToString(), damage ?? "its shape is not the manifest's");
            }
        }

        index.Start(numbers.Keys, manifest.Covers);
        _numbers = numbers;
        if (isDamaged)
        {
            await RepairAsync(index, manifest.Covers, cancellationToken);
        }
        else
        {
            _stored = index.Capture();
        }

        return manifest.Covers;
    }

    /// <summary>Stores what the index consists of now; does nothing where another process owns the stored index.</summary>
    internal async Task WriteAsync(VectorIndex index, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (Volatile.Read(ref _epoch) is var epoch and not 0)
            {
                await WriteAsync(index.Capture(), epoch, cancellationToken);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task WriteAsync(IndexCapture capture, long epoch, CancellationToken cancellationToken)
    {
        var numbers = new Dictionary<Segment, long>();
        foreach (var segment in capture.Segments)
        {
            if (!_numbers.TryGetValue(segment, out var number))
            {
                number = await catalog.WriteSegmentAsync(space, segment.Image, cancellationToken);
                _numbers.Add(segment, number);
            }

            numbers.Add(segment, number);
        }

        long[] named = [.. capture.Segments.Select(s => numbers[s])];
        if (!await catalog.WriteManifestAsync(space, epoch, capture.Covered, named, capture.Deleted, cancellationToken))
        {
            Disown();
            return;
        }

        _numbers = numbers;
        _stored = capture;
        logger.ManifestWritten(space.ToString(), named.Length, capture.Covered);
        await catalog.DropUnusedSegmentsAsync(space, named, cancellationToken);
    }

    // The rows that no sound segment holds. What changed since the manifest is read again from the log.
    private async Task RepairAsync(VectorIndex index, long covers, CancellationToken cancellationToken)
    {
        var before = index.Count;
        await catalog.ReadVectorsAsync(space, (image, collection, vector) =>
        {
            if (!index.Contains(image))
            {
                index.Set(image, collection, vector);
            }
        }, cancellationToken);
        index.CloseRun(covers);
        logger.SegmentRepaired(space.ToString(), index.Count - before);
    }
}
