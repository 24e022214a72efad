namespace Sightline.Curation.Export;

/// <summary>Reads the images of a part's pairs some ahead of whoever writes them, on several cores, and gives them in order.</summary>
internal sealed class ImageReadAhead : IDisposable
{
    private const int BatchPairs = 32;
    private const int MostReaders = 8;

    private readonly ImageRead[] _current = Create();
    private readonly ImageRead[] _next = Create();

    /// <param name="indices">Of the pairs in the part.</param>
    /// <param name="take">Is given each place in <paramref name="indices"/> in order, with the image, its own until it returns.</param>
    internal async Task ReadAsync(
        PairPart part, IReadOnlyList<int> indices, Func<int, ImageRead, ValueTask> take, CancellationToken cancellationToken)
    {
        var (current, next) = (_current, _next);
        var reading = ReadBatchAsync(part, indices, 0, current, cancellationToken);
        for (var first = 0; first < indices.Count; first += BatchPairs)
        {
            await reading;
            reading = ReadBatchAsync(part, indices, first + BatchPairs, next, cancellationToken);
            try
            {
                for (var i = 0; i < Math.Min(BatchPairs, indices.Count - first); i++)
                {
                    await take(first + i, current[i]);
                }
            }
            finally
            {
                // Whatever happened: nobody else reads into these images.
                await reading;
            }

            (current, next) = (next, current);
        }
    }

    public void Dispose()
    {
        foreach (var image in _current.Concat(_next))
        {
            image.Dispose();
        }
    }

    private static Task ReadBatchAsync(
        PairPart part, IReadOnlyList<int> indices, int first, ImageRead[] into, CancellationToken cancellationToken)
    {
        var count = Math.Clamp(indices.Count - first, 0, BatchPairs);
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Min(Environment.ProcessorCount, MostReaders), CancellationToken = cancellationToken,
        };
        return count == 0 ? Task.CompletedTask : Parallel.ForAsync(0, count, options, (i, _) =>
        {
            into[i].Open(part[indices[first + i]]);
            return ValueTask.CompletedTask;
        });
    }

    private static ImageRead[] Create() => [.. Enumerable.Range(0, BatchPairs).Select(_ => new ImageRead())];
}
