using Sightline.Models;
using Sightline.Models.Images;

namespace Sightline.Search;

/// <summary>What is looked for: exactly one of the three is set.</summary>
/// <param name="Text">Words.</param>
/// <param name="SimilarTo">An image of the catalogue; it is not among its own hits.</param>
/// <param name="Picture">A picture given by the user.</param>
/// <param name="Offset">Hits passed over, at least 0.</param>
/// <param name="Limit">Hits wanted, 1 to 1,000.</param>
public sealed record SearchQuery(string? Text, ImageId? SimilarTo, RgbImage? Picture, int Offset, int Limit);

/// <param name="Score">Cosine similarity, -1 to 1; meaningful only within one model.</param>
public sealed record Hit(ImageRecord Image, float Score);

/// <param name="Hits">Best first; equal scores by id, so that paging is stable.</param>
/// <param name="Searched">Vectors the search looked at: everything that could have been a hit.</param>
/// <param name="HasMore">There are hits after these.</param>
public sealed record SearchResult(IReadOnlyList<Hit> Hits, long Searched, bool HasMore, EmbeddingSpace Space, TimeSpan EmbedTime, TimeSpan SearchTime);

/// <summary>Runs queries: embeds them on the interactive side of the device queue, scans the index, reads the rows. Thread-safe.</summary>
public sealed class SearchEngine
{
    /// <exception cref="ArgumentException">Not exactly one kind of query, or offset or limit out of range.</exception>
    /// <exception cref="ImageNotFoundException">The image to compare with is not in the catalogue or has no vector.</exception>
    public Task<SearchResult> SearchAsync(SearchQuery query, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The space that queries run in.</summary>
    public EmbeddingSpace Space => throw new NotImplementedException();

    /// <summary>Vectors in memory now.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>The change number up to which the index has followed the catalogue.</summary>
    public long FollowedTo => throw new NotImplementedException();
}

/// <summary>No image has this id.</summary>
public sealed class ImageNotFoundException(ImageId id) : Exception($"There is no image {id}.")
{
    public ImageId Id { get; } = id;
}
