using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Sightline.Models;

namespace Sightline.Search;

/// <summary>Runs queries: embeds them on the interactive side of the device queue, scans the index, reads the rows. Thread-safe.</summary>
public sealed class SearchEngine
{
    /// <summary>Most hits in one answer.</summary>
    public const int MaxLimit = 1000;

    /// <summary>Deviations above the middle from which on a picture is said to match: one in 160 does so by chance.</summary>
    public const double MatchSigma = 2.5;

    /// <summary>Most matches that are put in order by date.</summary>
    internal const int MostMatches = 10_000;

    // So many images may come in before the place of a cursor without the page being fetched twice.
    private const int CursorSlack = 64;

    // What a text difference starts from where the user has not said what the picture shows.
    private const string Unspecific = "a photo";

    private readonly Catalog _catalog;
    private readonly SpaceIndexes _indexes;
    private readonly IEmbedder _embedder;
    private readonly DeviceQueue _device;
    private readonly TimeProvider _time;
    private readonly FilterResults _filters;
    private readonly QueryTexts _texts;
    private readonly RecentEmbeddings _recent = new(capacity: 4096);

    internal SearchEngine(Catalog catalog, SpaceIndexes indexes, IEmbedder embedder, DeviceQueue device, TimeProvider time)
    {
        _catalog = catalog;
        _filters = new FilterResults(catalog);
        _texts = new QueryTexts(embedder, device);
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

    /// <exception cref="ArgumentException">A term, a filter, an offset or a limit that cannot be; says which.</exception>
    /// <exception cref="ImageNotFoundException">The image to compare with is not in the catalogue or has no vector.</exception>
    public async Task<SearchResult> SearchAsync(SearchQuery query, CancellationToken cancellationToken)
    {
        using var span = Telemetry.Source.StartActivity("search");
        Check(query);
        PageCursor? after = query.Cursor is { } cursor ? PageCursor.Parse(cursor) : null;
        var index = Index;
        if (!IsLoaded && after is null && query is { Terms: [], Filter: null, Roots: null, Order: not SearchOrder.Oldest })
        {
            return await ListNewestAsync(query, cancellationToken);
        }

        await index.Loaded.WaitAsync(cancellationToken);
        var started = _time.GetTimestamp();
        var vector = await EmbedAsync(query, cancellationToken);
        var embedTime = _time.GetElapsedTime(started);
        started = _time.GetTimestamp();
        var allowed = await AllowedAsync(query, index, cancellationToken);
        var words = query.MatchWords ? Words.Of(QueryParser.WordsOf(query.Terms)) : [];
        var named = words.Count > 0 ? new ImageSet(await _catalog.FindByWordsAsync(words, cancellationToken)) : null;
        var background = vector is null ? null : index.Background.Measure(vector.Values);
        var ranking = new Ranking(index, query, vector, allowed, named, background);
        var (page, hasMore, next) = Page(ranking, query, after, index, cancellationToken);
        var records = (await _catalog.ReadImagesAsync([.. page.Select(p => p.Leader.Image)], cancellationToken)).ToDictionary(i => i.Id);

        // What matched by name says by which; most pages have none.
        ImageId[] byName = named is null ? [] : [.. records.Keys.Where(id => named.Contains(id.Value))];
        var tags = (byName.Length == 0 ? [] : await _catalog.ReadTagsAsync(byName, cancellationToken))
            .Where(t => t.State != TagState.Rejected).ToLookup(t => t.Image, t => t.Name);

        // A row that went between the scan and the read is no hit any more.
        var hits = page.Where(p => records.TryGetValue(p.Leader.Image, out var image) && image.IsPresent).Select(p =>
        {
            var image = records[p.Leader.Image];
            var sigma = p.Leader.Score is { } score && background is { } known ? (score - known.Middle) / known.Deviation : (double?)null;
            var reasons = named is not null && named.Contains(image.Id.Value) ? ReasonsOf(image, tags[image.Id], words) : [];
            return new Hit(
                image, p.Leader.Score, sigma, sigma is { } value ? ScoreBackground.Chance(value) : null,
                vector is not null && (reasons.Count == 0 || sigma >= MatchSigma) ? [.. reasons, new MatchReason("content", "")] : reasons,
                p.Folded);
        }).ToList();
        return new SearchResult(
            hits, allowed.Images?.Count ?? index.Vectors.Count, hasMore, next, Space, embedTime, _time.GetElapsedTime(started));
    }

    /// <summary>An image's embedding; null where it has none.</summary>
    public async Task<Embedding?> FindEmbeddingAsync(ImageId image, CancellationToken cancellationToken)
    {
        await Index.Loaded.WaitAsync(cancellationToken);
        return Index.Find(image);
    }

    /// <summary>Images of the index that pass a filter, by number; null: all.</summary>
    public async IAsyncEnumerable<ImageRecord> ReadImagesAsync(
        ImageFilter? filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const int Batch = 1_000;
        var index = Index;
        await index.Loaded.WaitAsync(cancellationToken);
        var images = index.Vectors.Images();
        if (filter is not null)
        {
            var allowed = await _filters.EvaluateAsync(filter, index.Facts, cancellationToken);
            images = [.. images.Where(i => allowed.Contains(i.Value))];
        }

        foreach (var batch in images.OrderBy(i => i.Value).Chunk(Batch))
        {
            foreach (var image in await _catalog.ReadImagesAsync(batch, cancellationToken))
            {
                yield return image;
            }
        }
    }

    /// <summary>How often each value of a field occurs among the images that a filter allows, most frequent first.</summary>
    /// <exception cref="ArgumentException">The filter names what is not there.</exception>
    public async Task<IReadOnlyList<Facet>> CountFacetsAsync(ImageFilter? filter, CancellationToken cancellationToken)
    {
        var index = Index;
        await index.Loaded.WaitAsync(cancellationToken);
        return Facet.Of(index.Facts, await AllowedAsync(new SearchQuery { Filter = filter }, index, cancellationToken));
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
                var present = images.Where(image => image.IsPresent).ToList();
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
        if (query.Offset is < 0 or > int.MaxValue / 4)
        {
            throw new ArgumentException($"offset {query.Offset} is out of range.", nameof(query));
        }

        if (query.Limit is < 1 or > MaxLimit)
        {
            throw new ArgumentException($"limit {query.Limit} is not in 1 to {MaxLimit}.", nameof(query));
        }

        if (query.Terms.Any(t => t is TextTerm { Text: var text } && string.IsNullOrWhiteSpace(text)))
        {
            throw new ArgumentException("The query has no words.", nameof(query));
        }

        if (query.Terms.Any(t => t.Weight == 0 || !float.IsFinite(t.Weight)))
        {
            throw new ArgumentException("The weight of a term is a number other than 0.", nameof(query));
        }

        if (query.Shift is { } shift && (query.Terms.Count == 0 || shift.Amount is not (> 0 and <= 1) || string.IsNullOrWhiteSpace(shift.To)))
        {
            throw new ArgumentException("A query is turned from a term towards a text, by an amount above 0 and at most 1.", nameof(query));
        }

        if (query.AboveSigma is { } sigma && !double.IsFinite(sigma))
        {
            throw new ArgumentException($"above {sigma} is no number of deviations.", nameof(query));
        }
    }

    // The page of hits, and the cursor after it. Folded hits are looked for from the first on, so that a page does not repeat what an
    // earlier one has shown.
    private static (List<(RankedImage Leader, List<ImageId> Folded)> Page, bool HasMore, string? Next) Page(
        Ranking ranking, SearchQuery query, PageCursor? after, SpaceIndex index, CancellationToken cancellationToken)
    {
        var offset = after?.Place ?? query.Offset;
        var wanted = offset + query.Limit + 1;
        for (var fetch = wanted + (after is null ? 0 : CursorSlack) + (query.FoldDuplicates ? wanted / 2 : 0); ; fetch *= 2)
        {
            var ranked = ranking.First(fetch, cancellationToken);
            var isAll = ranked.Count < fetch || (query.Order != SearchOrder.Relevance && query.Terms.Count > 0);
            var hits = query.FoldDuplicates ? Folding.Fold(ranked, index.Vectors) : [.. ranked.Select(r => (r, new List<ImageId>()))];
            var first = after is { } last
                ? hits.FindIndex(h => h.Leader.CompareTo(new RankedImage(new ImageId(last.Image), null, last.Key)) > 0) is >= 0 and var at ? at : hits.Count
                : Math.Min(offset, hits.Count);
            if (!isAll && hits.Count - first <= query.Limit)
            {
                continue;
            }

            var page = hits[first..Math.Min(first + query.Limit, hits.Count)];
            var hasMore = first + query.Limit < hits.Count;
            var next = hasMore ? new PageCursor(first + page.Count, page[^1].Leader.Key, page[^1].Leader.Image.Value).ToString() : null;
            return (page, hasMore, next);
        }
    }

    private static List<MatchReason> ReasonsOf(ImageRecord image, IEnumerable<string> tags, IReadOnlyList<string> words)
    {
        var name = Path.GetFileName(image.Path);
        var folder = Path.GetDirectoryName(image.Path) ?? "";
        (string Kind, string Text)[] places = [.. tags.Select(t => ("tag", t)), ("name", name), ("caption", image.Caption ?? ""), ("folder", folder)];
        var whole = places.Where(p => Words.AreIn(words, p.Text)).ToList();
        return [.. (whole.Count > 0 ? whole : [.. places.Where(p => words.Any(w => Words.AreIn([w], p.Text)))])
            .Select(p => new MatchReason(p.Kind, p.Text))];
    }

    // The first page need not wait until the index is in memory.
    private async Task<SearchResult> ListNewestAsync(SearchQuery query, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var images = await _catalog.ReadNewestAsync(query.Offset, query.Limit + 1, cancellationToken);
        var page = images.Take(query.Limit).ToList();
        var next = images.Count > page.Count
            ? new PageCursor(query.Offset + page.Count, FactTable.DateOf(page[^1].ShownAt), page[^1].Id.Value).ToString() : null;
        return new SearchResult(
            [.. page.Select(image => new Hit(image, null, null, null, [], []))], page.Count, next is not null, next, Space, TimeSpan.Zero,
            _time.GetElapsedTime(started));
    }

    private async Task<VectorFilter> AllowedAsync(SearchQuery query, SpaceIndex index, CancellationToken cancellationToken)
    {
        var roots = query.Roots?.Select(r => r.Value).ToHashSet();
        return new VectorFilter(
            query.Filter is null ? null : await _filters.EvaluateAsync(query.Filter, index.Facts, cancellationToken), roots, null);
    }

    private async Task<Embedding?> EmbedAsync(SearchQuery query, CancellationToken cancellationToken)
    {
        if (query.Terms.Count == 0)
        {
            return null;
        }

        var terms = new List<(Embedding, float)>();
        foreach (var term in query.Terms)
        {
            terms.Add((await EmbedAsync(term, cancellationToken), term.Weight));
        }

        var combined = QueryVector.Combine(terms, Index.Background);
        return query.Shift is not { } shift ? combined : QueryVector.Shift(
            combined, await EmbedAsync(shift.To, cancellationToken), await EmbedAsync(shift.From ?? Unspecific, cancellationToken), shift.Amount);
    }

    private async Task<Embedding> EmbedAsync(QueryTerm term, CancellationToken cancellationToken) => term switch
    {
        ImageTerm { Image: var image } => Index.Find(image) ?? throw new ImageNotFoundException(image),
        PictureTerm { Picture: var picture } => (await _device.RunAsync(
            DevicePriority.Interactive, () => _embedder.EmbedImages([picture], cancellationToken), cancellationToken))[0],
        VectorTerm { Vector: var vector } => vector,
        TextTerm { Text: var text } => await EmbedAsync(text, cancellationToken),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private async Task<Embedding> EmbedAsync(string text, CancellationToken cancellationToken) =>
        await _recent.GetAsync(text.Trim(), () => _texts.EmbedAsync(text.Trim(), cancellationToken));
}
