namespace Sightline.Curation;

/// <summary>The most similar of the pairs that are left, by CLIP's cosine of image and caption; equal ones by row. A pair without a
/// similarity is not among them. Three readings of the similarities; memory is flat.</summary>
public sealed class TopSubset(SubsetSize size) : GroupFilter(
    "top", new DropReason("unknown", "similarity not known"), new DropReason("not_top", $"not among the {size} that are most similar"))
{
    internal static FilterDefinition Definition { get; } = new(
        "top", "Most similar subset", "The pairs whose image and caption belong together best, so many or such a share of those left.",
        SubsetSize.Parameters, a => new TopSubset(SubsetSize.Of(a)));

    /// <inheritdoc/>
    public override PartColumns Columns => PartColumns.Measures;

    /// <inheritdoc/>
    /// <exception cref="RecipeException">No pair has a similarity.</exception>
    public override void Run(GroupRun run, CancellationToken cancellationToken)
    {
        var known = Similarities.CountKnown(run, ofLeft: true, cancellationToken);
        if (known == 0 && run.Left > 0)
        {
            throw Unmeasured.Similarity(Name);
        }

        Similarities.DropBelow(run, Math.Min(known, size.Of(run.Left)), ofLeft: true, unknown: 0, below: 1, cancellationToken);
    }
}
