namespace Sightline.Search;

/// <summary>What a search may return; an absent part allows all.</summary>
/// <param name="Images">Images allowed.</param>
/// <param name="Collections">Collections allowed: the roots that images were found under.</param>
/// <param name="Except">An image left out.</param>
internal sealed record VectorFilter(ImageSet? Images, IReadOnlySet<long>? Collections, ImageId? Except)
{
    /// <summary>The version of the index that a search sees: rows deleted later are still there.</summary>
    internal uint Version { get; init; } = uint.MaxValue;

    internal static VectorFilter None { get; } = new(null, null, null);

    /// <summary>The set of images decides; the image left out is no restriction that a search need adapt to.</summary>
    internal bool IsSelective => Images is not null || Collections is not null;

    internal bool Allows(long image, long collection) =>
        (Images is null || Images.Contains(image)) && (Collections is null || Collections.Contains(collection)) && image != Except?.Value;
}
