namespace Sightline.Curation;

/// <summary>
/// No two images are nearly the same: by the distance of their perceptual hashes, by the cosine of their embeddings, or by either. From the
/// pair to keep first to the one to drop first, each is dropped that is near to one that was kept, its twin; first by hashes, then by
/// embeddings. Both comparisons are exact. Hashes without structure (<see cref="PictureHash"/>) and pairs without the measure are left
/// alone. Memory: see <see cref="HashTwins"/> and <see cref="EmbeddingTwins"/>; with both, 50 bytes more for each pair that embeddings
/// drop.
/// </summary>
/// <param name="maxDistance">Bits, 0 to 11; null: hashes are not compared.</param>
/// <param name="minCosine">Null: embeddings are not compared.</param>
/// <param name="keep">Which of those alike.</param>
public sealed class NearDuplicateImages(int? maxDistance, double? minCosine, Preference keep) : GroupFilter(
    "near_duplicate_images",
    new DropReason("hash", Counted.Text("perceptual hash within {0} bits of another", maxDistance)),
    new DropReason("embedding", Counted.Text("embedding at a cosine of {0} or more to another", minCosine)))
{
    private const int DefaultDistance = 6;

    internal static FilterDefinition Definition { get; } = new(
        "near_duplicate_images", "Similar images", "No two images are nearly the same.",
        [
            new FilterParameter(
                "max_distance", "Alike up to (6 where neither is given)", ParameterKind.Integer, null, 0, HammingIndex.MostDistance,
                "bits of the perceptual hash"),
            new FilterParameter("min_cosine", "Alike from", ParameterKind.Number, null, 0.5, 1, "cosine of the embeddings"),
            Preferences.Parameter,
        ],
        a => new NearDuplicateImages(
            a.Integer("max_distance") ?? (a.Number("min_cosine") is null ? DefaultDistance : null), a.Number("min_cosine"),
            Preferences.Of(a)));

    /// <inheritdoc/>
    public override PartColumns Columns => minCosine is null ? PartColumns.Measures : PartColumns.Measures | PartColumns.Embeddings;

    /// <summary>Threads; the result is the same for any number.</summary>
    internal int Workers { get; init; } = Environment.ProcessorCount;

    /// <inheritdoc/>
    /// <exception cref="RecipeException">No image has the measure that is compared.</exception>
    public override void Run(GroupRun run, CancellationToken cancellationToken)
    {
        if (minCosine is not { } cosine)
        {
            foreach (var (row, twin) in new HashTwins(Name, maxDistance ?? DefaultDistance, keep, Workers).Find(run, cancellationToken))
            {
                run.Drop(row, 0, twin);
            }

            return;
        }

        // A twin by hashes may have a twin by embeddings itself, which is then the one that is kept.
        using var byHash = new ExternalSort<Twin>(run.Scratch);
        RowSet? dropped = null;
        if (maxDistance is { } distance)
        {
            dropped = new RowSet(run.Pairs);
            foreach (var (row, twin) in new HashTwins(Name, distance, keep, Workers).Find(run, cancellationToken))
            {
                dropped.Add(row);
                byHash.Add(new Twin(row, twin));
            }
        }

        using var rows = new EmbeddingRows(Name, run.Scratch);
        rows.Fill(run, keep, dropped, cancellationToken);
        var byEmbedding = new Dictionary<long, long>();
        foreach (var (row, twin) in new EmbeddingTwins(rows, (float)cosine, Workers).Find(cancellationToken))
        {
            run.Drop(row, 1, twin);
            if (dropped is not null)
            {
                byEmbedding.Add(row, twin);
            }
        }

        foreach (var (row, twin) in byHash.Sorted(cancellationToken))
        {
            run.Drop(row, 0, byEmbedding.GetValueOrDefault(twin, twin));
        }
    }

    private readonly record struct Twin(long Row, long Of) : IComparable<Twin>
    {
        public int CompareTo(Twin other) => Row.CompareTo(other.Row);
    }
}
