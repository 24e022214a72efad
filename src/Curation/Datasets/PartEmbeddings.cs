namespace Sightline.Curation;

/// <summary>The images' embeddings of a part: unit length, in half precision.</summary>
/// <param name="space">Digest of the weights that made them.</param>
/// <param name="dimensions">Numbers of an embedding.</param>
/// <param name="values">Row after row; zeros where an image was not embedded.</param>
public sealed class PartEmbeddings(string space, int dimensions, Half[] values)
{
    public string Space => space;

    public int Dimensions => dimensions;

    /// <param name="index">Of the pair in the part.</param>
    public ReadOnlySpan<Half> this[int index] => values.AsSpan(index * dimensions, dimensions);

    internal ReadOnlySpan<Half> Values => values;
}
