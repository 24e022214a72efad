using Sightline.Models;
using Sightline.Models.Images;

namespace Sightline.Search;

/// <summary>What is looked for: exactly one of the three is set.</summary>
/// <param name="Text">Words.</param>
/// <param name="SimilarTo">An image of the catalogue; it is not among its own hits.</param>
/// <param name="Picture">A picture given by the user.</param>
/// <param name="Offset">Hits passed over, at least 0.</param>
/// <param name="Limit">Hits wanted, 1 to <see cref="SearchEngine.MaxLimit"/>.</param>
public sealed record SearchQuery(string? Text, ImageId? SimilarTo, RgbImage? Picture, int Offset, int Limit)
{
    /// <summary>Collections to search: the folders that images were indexed from; null: all.</summary>
    public IReadOnlyCollection<RootId>? Roots { get; init; }
}

/// <param name="Image">The image found.</param>
/// <param name="Score">Cosine similarity, -1 to 1; meaningful only within one model.</param>
public sealed record Hit(ImageRecord Image, float Score);

/// <param name="Hits">Best first; equal scores by id, so that paging is stable.</param>
/// <param name="Searched">Vectors the search looked at: everything that could have been a hit.</param>
/// <param name="HasMore">There are hits after these.</param>
/// <param name="Space">The space that the scores belong to.</param>
/// <param name="EmbedTime">Spent on turning the query into a vector, waiting for the device included.</param>
/// <param name="SearchTime">Spent on the index and on reading the rows.</param>
public sealed record SearchResult(
    IReadOnlyList<Hit> Hits, long Searched, bool HasMore, EmbeddingSpace Space, TimeSpan EmbedTime, TimeSpan SearchTime);

/// <summary>Images that are nearly the same, or that a chain of such pairs joins.</summary>
/// <param name="Images">At least two, in the order of their ids.</param>
public sealed record DuplicateGroup(IReadOnlyList<ImageRecord> Images);
