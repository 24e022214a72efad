using System.Text.Json;
using Sightline.TestKit;

namespace Sightline.Curation.Tests.Groups;

public sealed class BalanceTests
{
    [Fact]
    public void Frequent_words_are_thinned_to_about_their_limit_and_rare_ones_are_whole()
    {
        var pairs = Enumerable.Range(0, 20_000).Select(i => new TestPair(i % 20 == 0 ? "A Dog." : i % 1_000 == 1 ? "cat, photo" : i % 1_000 == 2 ? "nothing" : "photo")).ToArray();
        using var run = TestRun.Of(pairs, partRows: 1_000);

        var drops = run.Run(new BalanceFilter(new BalanceSettings(500, ["photo", "dog", "cat"], 1, DropUnmatched: true, null)));

        long[] Kept(string caption) => [.. Enumerable.Range(0, 20_000).Where(i => pairs[i].Caption == caption).Select(i => (long)i).Where(i => !drops.ContainsKey(i))];
        Assert.Equal(20, Kept("cat, photo").Length);
        Assert.Empty(Kept("nothing"));
        // Binomial with a standard deviation of 16 and 22: within five of them.
        Assert.InRange(Kept("A Dog.").Length, 420, 580);
        Assert.InRange(Kept("photo").Length, 390, 610);
        Assert.Equal([0, 1], drops.Values.Select(d => d.Reason).Distinct().Order());
    }

    [Fact]
    public void What_is_drawn_depends_on_the_seed_and_not_on_parts_or_order()
    {
        var pairs = Enumerable.Range(0, 3_000).Select(i => new TestPair($"photo of {i % 3}")).ToArray();
        var filter = new BalanceFilter(new BalanceSettings(100, [], 100, DropUnmatched: false, null));
        using var first = TestRun.Of(pairs, 64);
        using var second = TestRun.Of(pairs, 999);
        using var third = TestRun.Of(pairs, 64, seed: 2);

        Assert.Equal(first.Run(filter), second.Run(filter));
        Assert.NotEqual(first.Drops, third.Run(filter));
    }

    [Fact]
    public void All_words_of_captions_count_where_they_are_frequent_enough()
    {
        var pairs = Enumerable.Range(0, 1_000).Select(i => new TestPair(i < 10 ? $"rare{i}" : $"photo x{i}")).ToArray();
        using var run = TestRun.Of(pairs);
        using var strict = TestRun.Of(pairs);

        var drops = run.Run(new BalanceFilter(new BalanceSettings(50, [], 100, DropUnmatched: false, null)));
        strict.Run(new BalanceFilter(new BalanceSettings(50, [], 100, DropUnmatched: true, null)));

        Assert.InRange(1_000 - drops.Count, 10 + 20, 10 + 90);
        Assert.DoesNotContain(drops.Keys, row => row < 10);
        Assert.Equal(10, strict.Drops.Count(d => d.Value.Reason == 0));
    }

    [Theory]
    [InlineData("a RED car, parked", 1)]
    [InlineData("a car that is red", 0)]
    [InlineData("redcar", 0)]
    [InlineData("一只小狗在跑", 1)]
    [InlineData("一只狗", 0)]
    [InlineData("", 0)]
    public void Queries_match_as_whole_words_and_in_scripts_without_spaces_as_substrings(string caption, int queries) =>
        Assert.Equal(queries, new QueryWords(["Red car", "小狗", "…"]).Of(System.Text.Encoding.UTF8.GetBytes(caption)).Count);

    [Fact]
    public void Hosts_keep_exactly_so_many_drawn_at_random()
    {
        string[] hosts = ["https://www.a.com/", "http://A.com:80/x/", "http://b.org?q=", "https://me@c.net/"];
        var pairs = Enumerable.Range(0, 4_000).Select(i => new TestPair("photo", i % 10 == 9 ? "" : hosts[i % 4] + i)).ToArray();
        using var run = TestRun.Of(pairs);

        var drops = run.Run(new BalanceFilter(new BalanceSettings(null, [], 1, false, MaxPerHost: 200)));

        var kept = Enumerable.Range(0, 4_000).Where(i => !drops.ContainsKey(i)).ToArray();
        Assert.Equal([200, 200, 200, 400], kept.GroupBy(i => i % 10 == 9 ? -1 : Math.Max(1, i % 4)).Select(g => g.Count()).Order());
        Assert.InRange(kept.Average(), 1_850, 2_150);
        Assert.All(drops.Values, d => Assert.Equal((2, -1L), d));
    }

    [Fact]
    public void Hosts_and_words_together_drop_no_pair_twice()
    {
        var pairs = Enumerable.Range(0, 2_000).Select(i => new TestPair("photo", $"http://h{i % 3}/{i}")).ToArray();
        using var run = TestRun.Of(pairs);

        var drops = run.Run(new BalanceFilter(new BalanceSettings(100, [], 1, false, 200)));

        Assert.InRange(2_000 - drops.Count, 50, 150);
        Assert.Equal([1, 2], drops.Values.Select(d => d.Reason).Distinct().Order());
    }

    [Fact]
    public void Words_come_from_a_file_too_and_nothing_to_go_by_is_said()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.PathOf("words.txt"), "dog\ncat\n");

        FilterArguments Arguments(string json) => new("balance", JsonDocument.Parse(json).RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value),
            new RecipeContext(folder.Path, false, _ => throw new RecipeException("none")));

        Assert.IsType<BalanceFilter>(BalanceFilter.Definition.Create(Arguments("""{ "words_file": "words.txt", "words": ["red car"] }""")));
        Assert.Contains("missing.txt", Assert.Throws<RecipeException>(() => BalanceFilter.Definition.Create(Arguments("""{ "words_file": "missing.txt" }"""))).Message);
        Assert.Throws<RecipeException>(() => BalanceFilter.Definition.Create(Arguments("""{ "words": ["…"] }""")));
    }
}
