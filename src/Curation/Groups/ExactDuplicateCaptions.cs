namespace Sightline.Curation;

/// <summary>
/// Captions stand at most so often: those with the same <see cref="CaptionHash"/> are the same. Captions without a letter or digit are the
/// same too. Memory is flat (a run of 32 MiB); scratch files take 32 bytes a pair.
/// </summary>
/// <param name="maxCopies">Pairs of one caption that are kept, at least 1.</param>
/// <param name="keep">Which of them; the twin of a dropped pair is the first of these.</param>
public sealed class ExactDuplicateCaptions(int maxCopies, Preference keep) : GroupFilter(
    "exact_duplicate_captions", new DropReason("copy", Counted.Text("more than {0} with the same caption", maxCopies)))
{
    internal static FilterDefinition Definition { get; } = new(
        "exact_duplicate_captions", "Equal captions", "Each caption stands once, or as often as is said.",
        [
            new FilterParameter("max_copies", "At most", ParameterKind.Integer, "1", 1, 1_000_000, "pairs with one caption"),
            Preferences.Parameter,
        ],
        a => new ExactDuplicateCaptions(a.Integer("max_copies") ?? 1, Preferences.Of(a)));

    /// <inheritdoc/>
    public override PartColumns Columns => keep == Preference.Best ? PartColumns.Facts | PartColumns.Measures : PartColumns.Facts;

    /// <inheritdoc/>
    public override void Run(GroupRun run, CancellationToken cancellationToken)
    {
        using var copies = new CopyLimit(run, maxCopies);
        foreach (var part in run.Parts(cancellationToken))
        {
            for (var i = 0; i < part.Count; i++)
            {
                if (run.IsLeft(part.FirstRow + i))
                {
                    var pair = part[i];
                    copies.Add(pair.Facts.Hash, keep.Rank(pair.Similarity), part.FirstRow + i);
                }
            }
        }

        foreach (var (row, first) in copies.Beyond(cancellationToken))
        {
            run.Drop(row, 0, first);
        }
    }
}
