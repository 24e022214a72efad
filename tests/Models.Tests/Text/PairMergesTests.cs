using Sightline.Models.Text;

namespace Sightline.Models.Tests.Text;

public sealed class PairMergesTests
{
    [Fact]
    public void The_lowest_rank_goes_first_and_the_leftmost_of_equals()
    {
        // 1 2 -> 10 (rank 1), 10 1 -> 11 (rank 0): joining the first 1 2 brings 10 1, which goes before the second 1 2.
        Dictionary<(int, int), (int, int)> merges = new() { [(1, 2)] = (1, 10), [(10, 1)] = (0, 11) };
        Assert.Equal([11, 2], PairMerges.Apply([1, 2, 1, 2], merges));
    }

    [Fact]
    public void Overlapping_pairs_are_joined_from_the_left()
    {
        Dictionary<(int, int), (int, int)> merges = new() { [(1, 1)] = (0, 2) };
        Assert.Equal([2, 2, 1], PairMerges.Apply([1, 1, 1, 1, 1], merges));
    }

    [Theory]
    [InlineData(new int[0])]
    [InlineData(new[] { 4 })]
    [InlineData(new[] { 4, 5, 4 })]
    public void What_has_no_pair_stays(int[] word) => Assert.Equal(word, PairMerges.Apply(word, new Dictionary<(int, int), (int, int)>()));

    [Fact]
    public void The_heap_does_what_searching_every_pair_does()
    {
        // Random rules over random words, against the definition: search all pairs, join the first of the best, begin again.
        var random = new Random(4);
        for (var round = 0; round < 200; round++)
        {
            Dictionary<(int Left, int Right), (int Rank, int Merged)> merges = [];
            for (var rank = 0; rank < 30; rank++)
            {
                merges.TryAdd((random.Next(12), random.Next(12)), (rank, random.Next(4, 12)));
            }

            int[] word = [.. Enumerable.Range(0, random.Next(2, 40)).Select(_ => random.Next(6))];
            Assert.Equal(ByDefinition([.. word], merges), PairMerges.Apply(word, merges));
        }
    }

    [Fact]
    public void A_word_of_100_000_symbols_is_joined()
    {
        Dictionary<(int, int), (int, int)> merges = new() { [(1, 1)] = (0, 2), [(2, 2)] = (1, 3), [(3, 3)] = (2, 4) };
        Assert.Equal(12_500, PairMerges.Apply([.. Enumerable.Repeat(1, 100_000)], merges).Count);
    }

    private static List<int> ByDefinition(List<int> symbols, Dictionary<(int Left, int Right), (int Rank, int Merged)> merges)
    {
        while (true)
        {
            var pairs = Enumerable.Range(0, Math.Max(0, symbols.Count - 1))
                .Where(i => merges.ContainsKey((symbols[i], symbols[i + 1]))).ToList();
            if (pairs.Count == 0)
            {
                return symbols;
            }

            var at = pairs.MinBy(i => merges[(symbols[i], symbols[i + 1])].Rank);
            symbols[at] = merges[(symbols[at], symbols[at + 1])].Merged;
            symbols.RemoveAt(at + 1);
        }
    }
}
