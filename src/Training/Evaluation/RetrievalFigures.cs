namespace Sightline.Training.Evaluation;

/// <summary>How well one side finds the other.</summary>
/// <param name="Queries">How many searched.</param>
/// <param name="RecallAt1">Share of the queries that find a right answer in first place, 0 to 1.</param>
/// <param name="MedianRank">Of the first right answer, from 1.</param>
public sealed record RecallFigures(int Queries, double RecallAt1, double RecallAt5, double RecallAt10, double MedianRank)
{
    internal static RecallFigures Of(RankAmongTies[] ranks)
    {
        double[] places = [.. ranks.Select(r => r.Expected).Order()];
        var median = (places[(places.Length - 1) / 2] + places[places.Length / 2]) / 2;
        return new RecallFigures(
            ranks.Length, ranks.Average(r => r.Within(1)), ranks.Average(r => r.Within(5)), ranks.Average(r => r.Within(10)), median);
    }
}

/// <summary>
/// Retrieval among pictures and their captions by cosine, both ways, as in CLIP's paper (arXiv 2103.00020, table 13): a picture may have
/// several captions; a caption finds its one picture, and a picture counts as found by any of its own captions. Ties are broken by chance,
/// in the mean.
/// </summary>
/// <param name="Images">Pictures searched among.</param>
/// <param name="Texts">Captions searched among.</param>
/// <param name="ImageToText">Of the pictures that have a caption.</param>
public sealed record RetrievalFigures(int Images, int Texts, RecallFigures TextToImage, RecallFigures ImageToText)
{
    /// <param name="images">[N, E] row by row, of unit length.</param>
    /// <param name="texts">[M, E] row by row, of unit length.</param>
    /// <param name="ownerOfText">M; the row of the picture that each caption belongs to.</param>
    /// <param name="dimensions">E.</param>
    /// <exception cref="ArgumentException">There is no caption, or the sizes do not fit.</exception>
    public static RetrievalFigures Compute(float[] images, float[] texts, int[] ownerOfText, int dimensions)
    {
        var count = images.Length / dimensions;
        if (ownerOfText.Length == 0 || images.Length != count * dimensions || texts.Length != ownerOfText.Length * dimensions
            || ownerOfText.Any(o => o < 0 || o >= count))
        {
            throw new ArgumentException(
                $"{images.Length} numbers of pictures and {texts.Length} of texts are not rows of {dimensions} with {ownerOfText.Length} owners.");
        }

        var byText = new RankAmongTies[ownerOfText.Length];
        Parallel.For(0, byText.Length, t =>
        {
            var scores = Similarities.Of(texts.AsSpan(t * dimensions, dimensions), images);
            byText[t] = Rank(scores, [ownerOfText[t]]);
        });
        var own = ownerOfText.Index().GroupBy(o => o.Item, o => o.Index).Select(g => (Image: g.Key, Texts: g.ToArray())).ToArray();
        var byImage = new RankAmongTies[own.Length];
        Parallel.For(0, own.Length, i =>
        {
            var scores = Similarities.Of(images.AsSpan(own[i].Image * dimensions, dimensions), texts);
            byImage[i] = Rank(scores, own[i].Texts);
        });
        return new RetrievalFigures(count, byText.Length, RecallFigures.Of(byText), RecallFigures.Of(byImage));
    }

    private static RankAmongTies Rank(float[] scores, int[] right)
    {
        var best = float.NegativeInfinity;
        foreach (var i in right)
        {
            best = Math.Max(best, scores[i]);
        }

        var rightWithBest = right.Count(i => scores[i] == best);
        var (above, equal) = (0, 0);
        foreach (var score in scores)
        {
            above += score > best ? 1 : 0;
            equal += score == best ? 1 : 0;
        }

        return new RankAmongTies(above, equal - rightWithBest, rightWithBest);
    }
}
