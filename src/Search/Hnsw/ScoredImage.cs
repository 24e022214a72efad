namespace Sightline.Search;

/// <summary>An image and its similarity to a query.</summary>
internal readonly record struct ScoredImage(ImageId Image, float Score) : IComparable<ScoredImage>
{
    /// <summary>Best first; equal scores by id, so that pages do not overlap.</summary>
    public int CompareTo(ScoredImage other)
    {
        var byScore = other.Score.CompareTo(Score);
        return byScore != 0 ? byScore : Image.Value.CompareTo(other.Image.Value);
    }
}
