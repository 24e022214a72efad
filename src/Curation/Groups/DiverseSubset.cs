namespace Sightline.Curation;

public enum DiversityMethod
{
    /// <summary>Again and again the pair that is farthest from all chosen ones (Gonzalez 1985): the largest distance of any pair to its
    /// nearest chosen one is at most twice the least possible. Reaches for outliers.</summary>
    FarthestPoint,

    /// <summary>The pairs nearest to the centres of as many clusters, see <see cref="KMeans"/>: chosen as densely as the pairs lie,
    /// outliers aside.</summary>
    KMeans,
}

/// <summary>
/// Pairs whose images are as unlike one another as possible, by the cosines of their embeddings; each pair dropped has the chosen one that
/// stands for it as its twin. Time grows with the pairs times those chosen, for k-means times its rounds too. Memory: 20 bytes a pair for
/// farthest points, 44 for k-means and 3 KiB for each of its centres; scratch files take 2 bytes a number of an embedding and 128 to 512
/// bytes a pair. A pair without an embedding is never chosen.
/// </summary>
public sealed class DiverseSubset(SubsetSize size, DiversityMethod method) : GroupFilter(
    "diverse_subset", new DropReason("unknown", "no embedding"), new DropReason("not_chosen", $"not among the {size} that differ most"))
{
    // Sketches are fitted to rule out that a pair is nearer than this to another; between the typical cosine of CLIP and that of
    // neighbours.
    private const float TypicalCosine = 0.7f;

    internal static FilterDefinition Definition { get; } = new(
        "diverse_subset", "Diverse subset", "The images that are kept differ as much as possible.",
        [
            .. SubsetSize.Parameters,
            new FilterParameter("method", "Method", ParameterKind.Text, "\"farthest_point\"", Choices: ["farthest_point", "k_means"]),
        ],
        a => new DiverseSubset(SubsetSize.Of(a), a.Text("method") == "k_means" ? DiversityMethod.KMeans : DiversityMethod.FarthestPoint));

    /// <inheritdoc/>
    public override PartColumns Columns => PartColumns.Measures | PartColumns.Embeddings;

    /// <summary>Threads; the result is the same for any number.</summary>
    internal int Workers { get; init; } = Environment.ProcessorCount;

    /// <inheritdoc/>
    /// <exception cref="RecipeException">No image has an embedding, or they come from two models.</exception>
    public override void Run(GroupRun run, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Workers, CancellationToken = cancellationToken };
        using var rows = new EmbeddingRows(Name, run.Scratch);
        rows.Fill(run, Preference.First, null, cancellationToken);
        var take = (int)Math.Min(rows.Count, size.Of(run.Left));
        var embedded = new RowSet(run.Pairs);
        for (var i = 0; i < rows.Count; i++)
        {
            embedded.Add(rows.Row(i));
        }

        for (long row = 0; row < run.Pairs; row++)
        {
            if (!embedded.Contains(row) && run.IsLeft(row))
            {
                run.Drop(row, 0);
            }
        }

        if (take == 0 || take == rows.Count)
        {
            for (var i = 0; take == 0 && i < rows.Count; i++)
            {
                run.Drop(rows.Row(i), 1);
            }

            return;
        }

        using var sketched = new SketchedRows(rows, CosineBound.Fit(rows, TypicalCosine, parallel), run.Scratch);
        sketched.Fill(parallel);
        var nearest = method == DiversityMethod.KMeans
            ? KMeans.Choose(sketched, take, run.Seed, parallel)
            : FarthestPoints(sketched, take, run.Seed, parallel);
        for (var i = 0; i < rows.Count; i++)
        {
            if (nearest[i] != i)
            {
                run.Drop(rows.Row(i), 1, rows.Row(nearest[i]));
            }
        }
    }

    private static int[] FarthestPoints(SketchedRows sketched, int take, int seed, ParallelOptions parallel)
    {
        var chosen = new ChosenRows(sketched, parallel);
        chosen.Choose((int)(SeededHash.Of(seed, 0) % (ulong)sketched.Rows.Count));
        while (chosen.Chosen.Count < take)
        {
            parallel.CancellationToken.ThrowIfCancellationRequested();
            chosen.Choose(chosen.Farthest());
        }

        var nearest = new int[sketched.Rows.Count];
        for (var i = 0; i < nearest.Length; i++)
        {
            nearest[i] = chosen.Chosen[chosen.NearestOf(i)];
        }

        return nearest;
    }
}
