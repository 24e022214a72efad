namespace Sightline.Curation;

/// <summary>Arguments of a job of kind <see cref="Kind"/>: what is to be measured of a dataset's images.</summary>
/// <param name="Dataset">Its number.</param>
/// <param name="Folder">The dataset's own folder, absolute (<see cref="PairDataset.Folder"/>).</param>
/// <param name="Clip">Also embed images and captions by the model: embeddings, similarity and how much an image is text.</param>
public sealed record MeasureRequest(long Dataset, string Folder, bool Clip)
{
    public const string Kind = "measure images";
}
