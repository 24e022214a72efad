using System.Globalization;

namespace Sightline.Curation;

/// <summary>
/// Pairs are among the most similar of the dataset, as in DataComp's "L/14 top 30 %" (Gadre et al. 2023): the share is of all pairs of the
/// dataset that have a similarity, whether they are left or not, rounded to the nearest pair; equal similarities at the cut go by row.
/// Three readings of the similarities; memory is flat.
/// </summary>
/// <param name="share">In [0, 1].</param>
/// <param name="keepUnknown">A pair without a similarity passes.</param>
public sealed class SimilarityTop(double share, bool keepUnknown) : GroupFilter(
    "similarity_top",
    new DropReason("unknown", "similarity not known"),
    new DropReason(
        "below_cut", string.Create(CultureInfo.InvariantCulture, $"not among the {100 * share:0.###} % most similar of the dataset")))
{
    internal static FilterDefinition Definition { get; } = new(
        "similarity_top", "Most similar share", "Image and caption belong together better than in most pairs of the dataset.",
        [
            new FilterParameter("share", "Keep of the dataset", ParameterKind.Share, "0.3", 0, 1),
            new FilterParameter("keep_unknown", "Keep pairs whose similarity is not known", ParameterKind.Boolean, "false"),
        ],
        a => new SimilarityTop(a.Number("share") ?? 0.3, a.Boolean("keep_unknown")));

    /// <inheritdoc/>
    public override PartColumns Columns => PartColumns.Measures;

    /// <inheritdoc/>
    /// <exception cref="RecipeException">No pair has a similarity.</exception>
    public override void Run(GroupRun run, CancellationToken cancellationToken)
    {
        var known = Similarities.CountKnown(run, ofLeft: false, cancellationToken);
        if (known == 0 && run.Pairs > 0 && !keepUnknown)
        {
            throw Unmeasured.Similarity(Name);
        }

        var take = (long)Math.Round(share * known, MidpointRounding.AwayFromZero);
        Similarities.DropBelow(run, take, ofLeft: false, unknown: keepUnknown ? -1 : 0, below: 1, cancellationToken);
    }
}
