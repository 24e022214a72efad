namespace Sightline.Curation;

/// <summary>Images that were looked at could be read: files that are gone, cut short, damaged or no image drop their pairs.</summary>
public sealed class UnreadableImagesFilter() : PairFilter("unreadable_images", FilterCost.Numbers, new DropReason("fault", "image cannot be read"))
{
    internal static FilterDefinition Definition { get; } = new(
        "unreadable_images", "Readable images", "Images could be read when they were measured.", [], _ => new UnreadableImagesFilter());

    /// <inheritdoc/>
    public override int Check(in Pair pair) => pair.Measures.Has(ImageMeasured.Fault) ? 0 : Keep;
}
