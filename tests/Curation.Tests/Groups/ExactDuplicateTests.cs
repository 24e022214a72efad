namespace Sightline.Curation.Tests.Groups;

public sealed class ExactDuplicateTests
{
    [Theory]
    [InlineData(1, Preference.First)]
    [InlineData(3, Preference.First)]
    [InlineData(1, Preference.Best)]
    [InlineData(2, Preference.Best)]
    public void Captions_stand_as_often_as_is_said(int most, Preference keep)
    {
        var random = new Random(3);
        var pairs = Enumerable.Range(0, 2_000).Select(_ => new TestPair(
            $"Caption {random.Next(300)}{(random.Next(2) == 0 ? "!" : "")}",
            Similarity: random.Next(4) == 0 ? float.NaN : random.Next(10) / 10f)).ToArray();
        int[] gone = [.. Enumerable.Range(0, 2_000).Where(i => i % 7 == 0)];
        using var run = TestRun.Of(pairs, gone: gone.Select(i => (long)i));

        var drops = run.Run(new ExactDuplicateCaptions(most, keep));

        var expected = new SortedDictionary<long, (int, long)>();
        foreach (var group in Enumerable.Range(0, 2_000).Except(gone).GroupBy(i => pairs[i].Caption.TrimEnd('!')))
        {
            var order = keep == Preference.First ? group.Order().ToArray()
                : [.. group.OrderByDescending(i => float.IsNaN(pairs[i].Similarity) ? -9 : pairs[i].Similarity).ThenBy(i => i)];
            foreach (var row in order.Skip(most))
            {
                expected.Add(row, (0, order[0]));
            }
        }

        Assert.NotEmpty(expected);
        Assert.Equal(expected, drops);
    }

    [Fact]
    public void Images_are_the_same_by_digest_or_else_by_address_or_else_by_place()
    {
        var digest = new string('a', 32) + new string('0', 32);
        var measured = UInt128.Parse(digest[..32], System.Globalization.NumberStyles.HexNumber, null);
        TestPair[] pairs =
        [
            new(Url: "http://a/1.jpg", MeasuredSha256: measured),
            new(Url: "http://b/1.jpg", Sha256: digest),
            new(Url: "http://c/1.jpg"),
            new(Url: "http://c/1.jpg", Image: "/x.jpg"),
            new(Image: "/x.jpg"),
            new(Image: "tar:0:5:/x.tar"),
            new(Image: "tar:0:5:/x.tar", Sha256: "no digest"),
            new(),
            new(),
        ];
        using var run = TestRun.Of(pairs, partRows: 2);

        var drops = run.Run(new ExactDuplicateImages(1, Preference.First));

        Assert.Equal([(1L, 0L), (3L, 2L), (6L, 5L)], drops.Select(d => (d.Key, d.Value.Twin)));
    }

    [Fact]
    public void An_image_may_have_several_captions()
    {
        var pairs = Enumerable.Range(0, 10).Select(i => new TestPair($"{i}", Image: "/x.jpg", Similarity: i / 10f)).ToArray();
        using var run = TestRun.Of(pairs, partRows: 3);

        var drops = run.Run(new ExactDuplicateImages(4, Preference.Best));

        Assert.Equal([0L, 1, 2, 3, 4, 5], drops.Keys);
        Assert.All(drops.Values, d => Assert.Equal(9, d.Twin));
    }
}
