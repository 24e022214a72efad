namespace Sightline.Curation.Import;

/// <summary>What a column of a source can say of a pair.</summary>
public enum PairColumn
{
    Caption,
    Url,

    /// <summary>The image's file: a path, absolute or from the folder of images.</summary>
    Image,
    Key,
    Width,
    Height,
    Similarity,
    Sha256,
}
