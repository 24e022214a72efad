using Sightline.Training.Data;

namespace Sightline.Training.Tests.Data;

public sealed class BatchOrderTests
{
    [Fact]
    public void An_epoch_has_every_picture_once_in_an_order_of_its_own()
    {
        using var set = MemoryData.Set(4, 30, 7, 64);
        var order = new BatchOrder(set.Data, set.Weights, isCaptionedOnly: false, seed: 1);

        var epochs = Enumerable.Range(0, 3).Select(e => Pictures(order, e)).ToList();

        Assert.All(epochs, e => Assert.Equal(Enumerable.Range(0, 101), e.Order()));
        Assert.NotEqual(epochs[0], epochs[1]);
        Assert.NotEqual(Enumerable.Range(0, 101), epochs[0]);
        Assert.NotEqual(epochs[0], Pictures(new BatchOrder(set.Data, set.Weights, false, seed: 2), 0));
    }

    [Fact]
    public void Weights_are_shares_and_each_source_goes_round_by_itself()
    {
        using var set = MemoryData.Set(4, 60, 20) with { Weights = [1, 3] };
        var order = new BatchOrder(set.Data, set.Weights, isCaptionedOnly: false, seed: 1);

        var seen = Enumerable.Range(0, 3).SelectMany(e => Pictures(order, e)).ToList();

        // 20 and 60 of each 80 places: after three epochs the first source was seen once, the second nine times.
        Assert.Equal(80, order.Length);
        Assert.All(Enumerable.Range(0, 60), i => Assert.Equal(1, seen.Count(p => p == i)));
        Assert.All(Enumerable.Range(60, 20), i => Assert.Equal(9, seen.Count(p => p == i)));
    }

    [Fact]
    public void A_source_of_little_weight_still_has_a_place()
    {
        using var set = MemoryData.Set(4, 5, 5, 5) with { Weights = [1e-6, 1e6, 1e-6] };
        var order = new BatchOrder(set.Data, set.Weights, isCaptionedOnly: false, seed: 1);

        Assert.Equal([1, 13, 1], Pictures(order, 0).GroupBy(p => p / 5).OrderBy(g => g.Key).Select(g => g.Count()));
    }

    [Fact]
    public void Pictures_without_captions_are_passed_over_where_asked()
    {
        using var set = MemoryData.Set(4, 10);
        var order = new BatchOrder(set.Data, set.Weights, isCaptionedOnly: true, seed: 1);

        Assert.Equal([1, 2, 3, 4, 6, 7, 8, 9], Pictures(order, 0).Order());
        Assert.Contains(
            "has no pictures with captions",
            Assert.Throws<TrainingDataException>(() => new BatchOrder(MemoryData.Set(4, 1).Data, [null], true, 1)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Languages_are_as_likely_as_each_other_and_so_are_captions_of_one()
    {
        TrainingCaption[] captions = [new("a", "en"), new("b", "de"), new("c", "de"), new("d", "de")];

        var counts = Enumerable.Range(0, 6000).Select(i => BatchOrder.CaptionAt(captions, 3, i)).CountBy(c => c).ToDictionary();

        // Standard deviations are 39 and 29.
        Assert.InRange(counts["a"], 2850, 3150);
        Assert.All(["b", "c", "d"], c => Assert.InRange(counts[c], 885, 1115));
        Assert.Equal("", BatchOrder.CaptionAt([], 3, 0));
    }

    [Fact]
    public void Draws_are_even_and_follow_from_seed_and_place()
    {
        var draw = new DrawSequence(5, 1, 2);
        var counts = new int[10];
        for (var i = 0; i < 10_000; i++)
        {
            counts[draw.Below(10)]++;
        }

        // Chi-square of 9 degrees is above 27.9 once in a thousand times.
        Assert.True(counts.Sum(c => (c - 1000.0) * (c - 1000.0) / 1000) < 27.9);
        Assert.Equal(new DrawSequence(5, 1, 2).Next(), new DrawSequence(5, 1, 2).Next());
        (long Seed, ulong Purpose, long Place)[] others = [(5, 1, 2), (6, 1, 2), (5, 2, 2), (5, 1, 3), (5, 2, 1)];
        Assert.Equal(5, others.Select(p => new DrawSequence(p.Seed, p.Purpose, p.Place).Next()).Distinct().Count());
    }

    private static int[] Pictures(BatchOrder order, int epoch) =>
        [.. Enumerable.Range(0, order.Length).Select(i => order.PictureAt((long)epoch * order.Length + i))];
}
