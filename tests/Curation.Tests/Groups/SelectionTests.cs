namespace Sightline.Curation.Tests.Groups;

public sealed class SelectionTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.07)]
    [InlineData(0.3)]
    [InlineData(1)]
    public void The_most_similar_share_is_of_all_pairs_that_have_a_similarity(double share)
    {
        var pairs = Similar(1_000);
        var gone = Enumerable.Range(0, 1_000).Where(i => i % 3 == 0).Select(i => (long)i).ToArray();
        using var run = TestRun.Of(pairs, gone: gone);

        var drops = run.Run(new SimilarityTop(share, keepUnknown: false));

        var known = Enumerable.Range(0, 1_000).Where(i => !float.IsNaN(pairs[i].Similarity))
            .OrderByDescending(i => pairs[i].Similarity).ThenBy(i => i).ToArray();
        var top = known.Take((int)Math.Round(share * known.Length)).Select(i => (long)i).ToHashSet();
        var dropped = Enumerable.Range(0, 1_000).Select(i => (long)i).Except(gone).Where(i => !top.Contains(i));
        Assert.Equal(dropped.Select(i => (i, float.IsNaN(pairs[i].Similarity) ? 0 : 1)), drops.Select(d => (d.Key, d.Value.Reason)));
    }

    [Fact]
    public void Pairs_without_a_similarity_pass_where_that_is_asked_for()
    {
        using var run = TestRun.Of([new(Similarity: 0.1f), new(), new(Similarity: 0.2f)]);

        Assert.Equal([0L], run.Run(new SimilarityTop(0.5, keepUnknown: true)).Keys);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(5_000)]
    public void A_top_is_of_the_pairs_that_are_left(int count)
    {
        var pairs = Similar(1_000);
        var gone = Enumerable.Range(0, 1_000).Where(i => pairs[i].Similarity > 0.7f).Select(i => (long)i).ToArray();
        using var run = TestRun.Of(pairs, gone: gone);

        var drops = run.Run(new TopSubset(SubsetSize.Pairs(count)));

        var left = Enumerable.Range(0, 1_000).Where(i => !gone.Contains(i)).ToArray();
        var top = left.Where(i => !float.IsNaN(pairs[i].Similarity)).OrderByDescending(i => pairs[i].Similarity).ThenBy(i => i).Take(count);
        Assert.Equal(left.Except(top).Select(i => (long)i), drops.Keys);
    }

    [Theory]
    [InlineData(0, 700)]
    [InlineData(0.25, 525)]
    [InlineData(1, 0)]
    public void A_random_subset_is_as_large_as_is_said_and_goes_by_the_seed(double share, int dropped)
    {
        var pairs = Similar(1_000);
        var gone = Enumerable.Range(0, 300).Select(i => (long)i).ToArray();
        using var first = TestRun.Of(pairs, 64, seed: 5, gone);
        using var again = TestRun.Of(pairs, 100, seed: 5, gone);
        using var other = TestRun.Of(pairs, 64, seed: 6, gone);
        var filter = new RandomSubset(SubsetSize.Share(share));

        Assert.Equal(dropped, first.Run(filter).Count);
        Assert.Equal(first.Drops, again.Run(filter));
        Assert.Equal(share is 0 or 1, first.Drops.SequenceEqual(other.Run(filter)));
        if (share == 0.25)
        {
            // The kept are spread over the rows: the mean of 175 of them is within four standard errors.
            Assert.InRange(Enumerable.Range(300, 700).Where(i => !first.Drops.ContainsKey(i)).Average(), 590, 710);
        }
    }

    [Fact]
    public void Nothing_to_go_by_is_said()
    {
        using var run = TestRun.Of([new("a"), new("b")]);

        string Fault(GroupFilter filter) => Assert.Throws<RecipeException>(() => run.Run(filter)).Message;
        Assert.Contains("measure NAME --clip", Fault(new SimilarityTop(0.3, keepUnknown: false)));
        Assert.Contains("measure NAME --clip", Fault(new TopSubset(SubsetSize.Pairs(1))));
    }

    // Few different values, some below zero and some of both zeros.
    private static TestPair[] Similar(int count)
    {
        var random = new Random(8);
        return [.. Enumerable.Range(0, count).Select(_ => new TestPair(Similarity: random.Next(10) switch
        {
            0 => float.NaN,
            1 => -0f,
            2 => 0f,
            3 => random.Next(3) / 10f,
            _ => (random.NextSingle() * 1.2f) - 0.2f,
        }))];
    }
}
