using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Sightline.Models;

namespace Sightline.Search;

/// <summary>Runs queries: embeds them on the interactive side of the device queue, scans the index, reads the rows. Thread-safe.</summary>
public sealed class SearchEngine
{
    /// <summary>Most hits in one answer.</summary>
    public const int MaxLimit = 1000;

    private readonly Catalog _catalog;
    private readonly SpaceIndexes _indexes;
    private readonly IEmbedder _embedder;
    private readonly DeviceQueue _device;
    private readonly TimeProvider _time;
    private readonly RecentEmbeddings _recent = new(capacity: 1024);

    internal SearchEngine(Catalog catalog, SpaceIndexes indexes, IEmbedder embedder, DeviceQueue device, TimeProvider time)
    {
        _catalog = catalog;
        _indexes = indexes;
        _embedder = embedder;
        _device = device;
        _time = time;
    }

    /// <summary>The space that queries run in.</summary>
    public EmbeddingSpace Space => _embedder.Space;

    /// <summary>Vectors in memory now.</summary>
    public int Count => Index.Vectors.Count;

    /// <summary>The change number up to which the index has followed the catalogue.</summary>
    public long FollowedTo => Index.FollowedTo;

    /// <summary>The index holds all that was in the catalogue when the process started.</summary>
    public bool IsLoaded => Index.Loaded.IsCompletedSuccessfully;

    private SpaceIndex Index => _indexes.Open(Space);

    /// <exception cref="ArgumentException">Not exactly one kind of query, or offset or limit out of range.</exception>
    /// <exception cref="ImageNotFoundException">The image to compare with is not in the catalogue or has no vector.</exception>
    public async Task<SearchResult> SearchAsync(SearchQuery query, CancellationToken cancellationToken)
    {
        Check(query);
        var index = Index;
        await index.Loaded.WaitAsync(cancellationToken);
        var started = _time.GetTimestamp();
        var vector = await EmbedAsync(query, cancellationToken);
        var embedTime = _time.GetElapsedTime(started);
        started = _time.GetTimestamp();
        var filter = new VectorFilter(null, query.Roots is null ? null : query.Roots.Select(r => r.Value).ToHashSet(), query.SimilarTo);
        var found = index.Search(vector, query.Offset + query.Limit + 1, filter, cancellationToken);
        var page = found.Skip(query.Offset).Take(query.Limit).ToDictionary(s => s.Image, s => s.Score);
        var images = await _catalog.ReadImagesAsync([.. page.Keys], cancellationToken);

        // A row that went between the scan and the read is no hit any more.
        var hits = images.Where(image => image.MissingSince is null).Select(image => new Hit(image, page[image.Id])).ToList();
        return new SearchResult(
            hits, index.Vectors.Count, found.Length > query.Offset + query.Limit, Space, embedTime, _time.GetElapsedTime(started));
    }

    /// <summary>
    /// Groups of images that a chain of similarities joins, each as soon as it is whole; a million images take a minute or two on two
    /// cores.
    /// </summary>
    /// <param name="above">The least similarity of neighbours in a group, 0 to 1.</param>
    /// <exception cref="ArgumentException">The similarity is out of range.</exception>
    public IAsyncEnumerable<DuplicateGroup> FindDuplicatesAsync(float above, CancellationToken cancellationToken) =>
        above is >= 0 and <= 1
            ? StreamDuplicatesAsync(above, cancellationToken)
            : throw new ArgumentException($"above {above} is not in 0 to 1.", nameof(above));

    private async IAsyncEnumerable<DuplicateGroup> StreamDuplicatesAsync(
        float above, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var index = Index;
        await index.Loaded.WaitAsync(cancellationToken);

        // Found on a thread of the pool; a slow reader holds the search back rather than its results in memory.
        var groups = Channel.CreateBounded<ImageId[]>(16);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var finding = Task.Run(async () =>
        {
            try
            {
                foreach (var group in new NearDuplicates(index.Vectors, above).Find(progress: null, stop.Token))
                {
                    await groups.Writer.WriteAsync(group, stop.Token);
                }

                groups.Writer.Complete();
            }
            catch (Exception e)
            {
                groups.Writer.Complete(e);
            }
        }, CancellationToken.None);
        try
        {
            await foreach (var group in groups.Reader.ReadAllAsync(cancellationToken))
            {
                var images = await _catalog.ReadImagesAsync(group, cancellationToken);
                var present = images.Where(image => image.MissingSince is null).ToList();
                if (present.Count > 1)
                {
                    yield return new DuplicateGroup(present);
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
            await finding;
        }
    }

    private static void Check(SearchQuery query)
    {
        var given = (query.Text is null ? 0 : 1) + (query.SimilarTo is null ? 0 : 1) + (query.Picture is null ? 0 : 1);
        if (given != 1)
        {
            throw new ArgumentException($"A query is words, an image or a picture; {given} of them were given.", nameof(query));
        }

        if (query.Text is not null && string.IsNullOrWhiteSpace(query.Text))
        {
            throw new ArgumentException("The query has no words.", nameof(query));
        }

        if (query.Offset is < 0 or > int.MaxValue - MaxLimit - 1)
        {
            throw new ArgumentException($"offset {query.Offset} is out of range.", nameof(query));
        }

        if (query.Limit is < 1 or > MaxLimit)
        {
            throw new ArgumentException($"limit {query.Limit} is not in 1 to {MaxLimit}.", nameof(query));
        }
    }

    private async Task<Embedding> EmbedAsync(SearchQuery query, CancellationToken cancellationToken)
    {
        if (query.SimilarTo is { } image)
        {
            return Index.Find(image) ?? throw new ImageNotFoundException(image);
        }

        if (query.Picture is { } picture)
        {
            var embedded = await _device.RunAsync(
                DevicePriority.Interactive, () => _embedder.EmbedImages([picture], cancellationToken), cancellationToken);
            return embedded[0];
        }

        var text = query.Text!.Trim();
        return await _recent.GetAsync(text, async () =>
            (await _device.RunAsync(DevicePriority.Interactive, () =>
                _embedder.EmbedTexts([text], cancellationToken), cancellationToken))[0]);
    }
}
