using System.Numerics.Tensors;
using Sightline.Search;

namespace Sightline.Training.Evaluation;

/// <summary>How well one score tells queries that have a picture from those that have none.</summary>
/// <param name="Auc">The probability that a matched query scores above an unmatched one, ties counting half; 0.5 is chance.</param>
/// <param name="Threshold">Below it a query is said to have no match: the highest at which at most 5 % of the matched are.</param>
/// <param name="FalseFallbacks">Share of the matched queries below the threshold, 0 to 0.05.</param>
/// <param name="Found">Share of the unmatched queries below the threshold, 0 to 1.</param>
public sealed record SeparationFigures(double Auc, double Threshold, double FalseFallbacks, double Found)
{
    /// <summary>Matched queries that may be taken for unmatched.</summary>
    internal const double Allowed = 0.05;

    /// <param name="matched">Scores, one at least.</param>
    /// <param name="unmatched">Scores, one at least.</param>
    internal static SeparationFigures Of(double[] matched, double[] unmatched)
    {
        double[] ordered = [.. matched.Order()];
        double[] others = [.. unmatched.Order()];
        var threshold = ordered[(int)(Allowed * ordered.Length)];

        // Each unmatched query stands above those of the matched that are lower: counts by bisection.
        var above = others.Sum(o => ordered.Length - (CountBelow(ordered, o) + CountBelow(ordered, Math.BitIncrement(o))) / 2.0);
        return new SeparationFigures(
            above / ((double)ordered.Length * others.Length), threshold, (double)CountBelow(ordered, threshold) / ordered.Length,
            (double)CountBelow(others, threshold) / others.Length);
    }

    /// <summary>Numbers of an ordered list that are less than a limit.</summary>
    internal static int CountBelow(double[] ordered, double limit)
    {
        var (low, high) = (0, ordered.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = ordered[middle] < limit ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}

/// <summary>
/// Telling queries that no picture of a collection matches: by how far the best hit stands above chance (docs/adr/0008: deviations above
/// the middle of the query's scores), beside the best hit's cosine alone.
/// </summary>
/// <param name="Collection">Pictures in it.</param>
/// <param name="Matched">Queries that have a picture in the collection.</param>
/// <param name="Unmatched">Queries whose picture is not in it.</param>
/// <param name="AgainstChance">By deviations above the middle.</param>
/// <param name="ByCosine">By one cosine for all queries.</param>
/// <param name="FallbacksAtMatchSigma">Share of the matched queries whose best hit is below <see cref="SearchEngine.MatchSigma"/>.</param>
/// <param name="FoundAtMatchSigma">Share of the unmatched queries whose best hit is below it.</param>
public sealed record UnmatchedFigures(
    int Collection, int Matched, int Unmatched, SeparationFigures AgainstChance, SeparationFigures ByCosine, double FallbacksAtMatchSigma,
    double FoundAtMatchSigma)
{
    /// <param name="collection">[N, E] row by row, of unit length; 40 at least, so that there is a chance to measure against.</param>
    /// <param name="matched">[M, E]; queries that mean a picture of the collection.</param>
    /// <param name="unmatched">[U, E]; queries that mean none of it.</param>
    /// <exception cref="ArgumentException">There are too few pictures or no queries of a kind, or all pictures look alike to a query.</exception>
    public static UnmatchedFigures Compute(float[] collection, float[] matched, float[] unmatched, int dimensions)
    {
        float[][] pictures = [.. collection.Chunk(dimensions)];
        if (pictures.Length < ScoreBackground.LeastSize || matched.Length == 0 || unmatched.Length == 0)
        {
            throw new ArgumentException(
                $"{pictures.Length} pictures, {matched.Length / dimensions} matched and {unmatched.Length / dimensions} unmatched queries: at "
                + $"least {ScoreBackground.LeastSize} pictures and one query of each kind are needed.");
        }

        var sample = (float[][])pictures.Clone();
        new Random(1).Shuffle(sample);
        var background = ScoreBackground.Of(sample.Length > ScoreBackground.SampleSize ? sample[..ScoreBackground.SampleSize] : sample);
        var (known, strange) = (Best(pictures, background, matched, dimensions), Best(pictures, background, unmatched, dimensions));
        double[] knownSigmas = [.. known.Select(b => b.Sigma).Order()];
        double[] strangeSigmas = [.. strange.Select(b => b.Sigma).Order()];
        return new UnmatchedFigures(
            pictures.Length, known.Length, strange.Length, SeparationFigures.Of(knownSigmas, strangeSigmas),
            SeparationFigures.Of([.. known.Select(b => b.Cosine)], [.. strange.Select(b => b.Cosine)]),
            (double)SeparationFigures.CountBelow(knownSigmas, SearchEngine.MatchSigma) / known.Length,
            (double)SeparationFigures.CountBelow(strangeSigmas, SearchEngine.MatchSigma) / strange.Length);
    }

    private static (double Cosine, double Sigma)[] Best(float[][] pictures, ScoreBackground background, float[] queries, int dimensions)
    {
        var best = new (double Cosine, double Sigma)[queries.Length / dimensions];
        Parallel.For(0, best.Length, q =>
        {
            var query = queries.AsSpan(q * dimensions, dimensions);
            var highest = float.NegativeInfinity;
            foreach (var picture in pictures)
            {
                highest = Math.Max(highest, TensorPrimitives.Dot(query, picture));
            }

            var (middle, deviation) = background.Measure(query)
                ?? throw new ArgumentException($"All pictures look alike to query {q}: there is no chance to measure against.");
            best[q] = (highest, (highest - middle) / deviation);
        });
        return best;
    }
}
