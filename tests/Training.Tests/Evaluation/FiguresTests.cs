using Sightline.Training.Evaluation;

namespace Sightline.Training.Tests.Evaluation;

public sealed class FiguresTests
{
    /// <summary>Wilson's intervals as tables and statsmodels give them.</summary>
    [Theory]
    [InlineData(0.8, 10, 0.490162, 0.943318)]
    [InlineData(0, 10, 0, 0.277533)]
    [InlineData(1, 10, 0.722467, 1)]
    [InlineData(0.5, 100, 0.403832, 0.596168)]
    public void A_share_has_Wilsons_interval(double share, int trials, double low, double high)
    {
        var proportion = Proportion.Of(share, trials);

        Assert.Equal(low, proportion.Low, 1e-5);
        Assert.Equal(high, proportion.High, 1e-5);
    }

    [Fact]
    public void Classes_are_counted_each_by_itself()
    {
        // Classes along the axes. Class 0: two found, one taken for 1. Class 1: found. Class 2 has no picture.
        float[] images = [1, 0, 0, 0.9f, 0.1f, 0, 0.1f, 0.9f, 0, 0, 1, 0.5f];
        var ranking = new ClassRanking(images, [0, 0, 0, 1], [1, 0, 0, 0, 1, 0, 0, 0, 1], 3);

        Assert.Equal(0.75, ranking.Figures.Top1.Share, 9);
        Assert.Equal(1, ranking.Figures.Top5, 9);
        Assert.Equal((2.0 / 3 + 1) / 2, ranking.Figures.MeanPerClass, 9);
        var classes = ranking.Classes(["a", "b", "c"]);
        Assert.Equal(["a", "b"], classes.Select(c => c.Class));
        Assert.Equal(new Confusion("b", 1.0 / 3), Assert.Single(classes[0].TakenFor));
        Assert.Empty(classes[1].TakenFor);
    }

    [Fact]
    public void The_area_under_the_curve_is_the_share_of_pairs_in_the_right_order()
    {
        var random = new Random(4);
        double[] matched = [.. Enumerable.Range(0, 60).Select(_ => (double)random.Next(4, 20))];
        double[] unmatched = [.. Enumerable.Range(0, 45).Select(_ => (double)random.Next(0, 16))];

        var figures = SeparationFigures.Of(matched, unmatched);

        var pairs = from m in matched from u in unmatched select m > u ? 1 : m == u ? 0.5 : 0;
        Assert.Equal(pairs.Average(), figures.Auc, 9);
        Assert.Equal(matched.Count(m => m < figures.Threshold) / 60.0, figures.FalseFallbacks, 9);
        Assert.InRange(figures.FalseFallbacks, 0, 0.05);
        Assert.Equal(unmatched.Count(u => u < figures.Threshold) / 45.0, figures.Found, 9);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(-1, 0, 0)]
    [InlineData(0, 0.5, 0)]
    public void Separate_and_equal_scores_have_known_areas(double apart, double area, double found)
    {
        var figures = SeparationFigures.Of([.. Enumerable.Repeat(apart, 20)], new double[30]);

        Assert.Equal(area, figures.Auc, 9);
        Assert.Equal(found, figures.Found, 9);
    }

    [Fact]
    public void Against_chance_a_query_is_judged_by_its_own_scores()
    {
        // Every query leans towards all pictures by an amount of its own, which says nothing; matched ones have one picture that stands out.
        var random = new Random(2);
        var (collection, matched, unmatched) = (new List<float>(), new List<float>(), new List<float>());
        const int Dimensions = 16, Pictures = 200;
        for (var i = 0; i < Pictures; i++)
        {
            float[] own = [.. Enumerable.Range(0, Dimensions - 1).Select(_ => (float)(random.NextDouble() - 0.5))];
            collection.AddRange([1, .. own]);
            matched.AddRange([(float)random.NextDouble() * 20, .. own]);
            unmatched.AddRange([(float)random.NextDouble() * 20, .. own.Select(_ => (float)(random.NextDouble() - 0.5))]);
        }

        var figures = UnmatchedFigures.Compute([.. collection], [.. matched], [.. unmatched], Dimensions);

        Assert.InRange(figures.AgainstChance.Auc, 0.9, 1);
        Assert.InRange(figures.ByCosine.Auc, 0.4, 0.6);
        Assert.True(figures.FoundAtMatchSigma > figures.FallbacksAtMatchSigma);
        Assert.Throws<ArgumentException>(() => UnmatchedFigures.Compute([.. collection.Take(Dimensions * 10)], [.. matched], [.. unmatched], Dimensions));
        Assert.Throws<ArgumentException>(() => UnmatchedFigures.Compute([.. collection], [], [.. unmatched], Dimensions));
    }

    [Fact]
    public void A_split_by_key_does_not_depend_on_what_else_there_is()
    {
        var (kept, heldOut) = DataSplit.Of(DrawnData.Of(2000), Enumerable.Range(0, 2000), "test", 0.1);
        var (_, ofFewer) = DataSplit.Of(DrawnData.Of(1000), Enumerable.Range(0, 1000), "test", 0.1);

        Assert.Equal(2000, kept.Length + heldOut.Length);
        Assert.InRange(heldOut.Length, 150, 250);
        Assert.Equal(heldOut.Where(i => i < 1000), ofFewer);
        Assert.NotEqual(heldOut, DataSplit.Of(DrawnData.Of(2000), Enumerable.Range(0, 2000), "other", 0.1).HeldOut);
    }

    [Theory]
    [InlineData(new long[] { 5, 5, 5, 5 }, 4)]
    [InlineData(new long[] { 0, 9, 0, 0 }, 1)]
    [InlineData(new long[] { 1, 1, 0, 0 }, 2)]
    public void Perplexity_counts_equally_frequent_codes(long[] counts, double expected) =>
        Assert.Equal(expected, ReconstructionEvaluation.Perplexity(counts), 9);
}
