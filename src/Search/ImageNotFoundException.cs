namespace Sightline.Search;

/// <summary>No image that can be searched for has this id.</summary>
public sealed class ImageNotFoundException(ImageId id) : Exception($"There is no image {id} in the index.")
{
    public ImageId Id { get; } = id;
}
