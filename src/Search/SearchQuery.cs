using Sightline.Models;

namespace Sightline.Search;

/// <summary>The order of hits.</summary>
public enum SearchOrder
{
    /// <summary>Best first; without terms, newest first.</summary>
    Relevance,

    /// <summary>By date taken, else modified; of a query with terms, what matches (<see cref="SearchQuery.AboveSigma"/>).</summary>
    Newest,

    Oldest,
}

/// <summary>What is looked for. Without terms: everything that the filter allows.</summary>
public sealed record SearchQuery
{
    public IReadOnlyList<QueryTerm> Terms { get; init; } = [];

    /// <summary>Turns the terms' direction; null: not at all. Needs at least one term.</summary>
    public QueryShift? Shift { get; init; }

    /// <summary>Images allowed; null: all.</summary>
    public ImageFilter? Filter { get; init; }

    /// <summary>Collections to search: the folders that images were indexed from; null: all.</summary>
    public IReadOnlyCollection<RootId>? Roots { get; init; }

    public SearchOrder Order { get; init; }

    /// <summary>Hits whose score lies fewer deviations above the collection's middle are left out; null: none by relevance, below
    /// <see cref="SearchEngine.MatchSigma"/> by date.</summary>
    public double? AboveSigma { get; init; }

    /// <summary>Names, captions and tags that hold the query's words count as well as what the picture shows.</summary>
    public bool MatchWords { get; init; }

    /// <summary>Hits nearly the same as an earlier one are folded into it.</summary>
    public bool FoldDuplicates { get; init; }

    /// <summary>Hits passed over, at least 0.</summary>
    public int Offset { get; init; }

    /// <summary>Hits wanted, 1 to <see cref="SearchEngine.MaxLimit"/>.</summary>
    public int Limit { get; init; } = 60;

    /// <summary>Goes on after the page that gave it, whatever was added or removed meanwhile; <see cref="Offset"/> is then ignored.</summary>
    public string? Cursor { get; init; }

    public static SearchQuery ForWords(string text) => new() { Terms = [new TextTerm(text)] };

    public static SearchQuery Like(ImageId image) => new() { Terms = [new ImageTerm(image)] };
}

/// <summary>Why an image is among the hits.</summary>
/// <param name="Kind"><c>content</c>, <c>name</c>, <c>folder</c>, <c>caption</c> or <c>tag</c>.</param>
/// <param name="Text">What matched; empty for content.</param>
public sealed record MatchReason(string Kind, string Text);

/// <param name="Image">The image found.</param>
/// <param name="Score">Cosine similarity, -1 to 1; meaningful only within one model. Null without terms.</param>
/// <param name="Sigma">How many deviations the score lies above the middle of the query's scores over the collection; null without
/// terms or where the collection is too small to tell.</param>
/// <param name="Chance">The probability that a picture which the query does not mean scores so high.</param>
/// <param name="Reasons">Best first.</param>
/// <param name="Folded">Images nearly the same that were folded into this one.</param>
public sealed record Hit(
    ImageRecord Image, float? Score, double? Sigma, double? Chance, IReadOnlyList<MatchReason> Reasons, IReadOnlyList<ImageId> Folded);

/// <param name="Hits">In the order asked for; ties by id, so that paging is stable.</param>
/// <param name="Searched">Images that could have been hits.</param>
/// <param name="HasMore">There are hits after these.</param>
/// <param name="Cursor">Asks for the next page; null on the last.</param>
/// <param name="Space">The space that the scores belong to.</param>
/// <param name="EmbedTime">Spent on turning the query into a vector, waiting for the device included.</param>
/// <param name="SearchTime">Spent on the index and on reading the rows.</param>
public sealed record SearchResult(
    IReadOnlyList<Hit> Hits, long Searched, bool HasMore, string? Cursor, EmbeddingSpace Space, TimeSpan EmbedTime, TimeSpan SearchTime);

/// <summary>Images that are nearly the same, or that a chain of such pairs joins.</summary>
/// <param name="Images">At least two, in the order of their ids.</param>
public sealed record DuplicateGroup(IReadOnlyList<ImageRecord> Images);
