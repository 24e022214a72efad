namespace Sightline.Curation;

/// <summary>
/// Images stand at most so often. Two are the same when the SHA-256 of their files is, as measured or else as the source says; images
/// without one are told by their address, or else by their place on the disk; a pair with a digest is not compared with one without.
/// Memory is flat (a run of 32 MiB); scratch files take 32 bytes a pair.
/// </summary>
/// <param name="maxCaptions">Pairs of one image that are kept, at least 1.</param>
/// <param name="keep">Which of them; the twin of a dropped pair is the first of these.</param>
public sealed class ExactDuplicateImages(int maxCaptions, Preference keep) : GroupFilter(
    "exact_duplicate_images", new DropReason("copy", Counted.Text("more than {0} with the same image", maxCaptions)))
{
    internal static FilterDefinition Definition { get; } = new(
        "exact_duplicate_images", "Equal images", "Each image stands once, or with as many captions as is said.",
        [
            new FilterParameter("max_captions", "At most", ParameterKind.Integer, "1", 1, 1_000_000, "captions of one image"),
            Preferences.Parameter,
        ],
        a => new ExactDuplicateImages(a.Integer("max_captions") ?? 1, Preferences.Of(a)));

    /// <inheritdoc/>
    public override PartColumns Columns => ImageKeys.Columns;

    /// <inheritdoc/>
    public override void Run(GroupRun run, CancellationToken cancellationToken)
    {
        using var copies = new CopyLimit(run, maxCaptions);
        foreach (var part in run.Parts(cancellationToken))
        {
            for (var i = 0; i < part.Count; i++)
            {
                if (run.IsLeft(part.FirstRow + i) && ImageKeys.TryGet(part[i], out var key))
                {
                    copies.Add(key, keep.Rank(part[i].Similarity), part.FirstRow + i);
                }
            }
        }

        foreach (var (row, first) in copies.Beyond(cancellationToken))
        {
            run.Drop(row, 0, first);
        }
    }
}
