using Sightline.Training.Evaluation;

namespace Sightline.Training.Tests.Evaluation;

public sealed class RankAmongTiesTests
{
    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(2, 0, 1)]
    [InlineData(1, 3, 1)]
    [InlineData(0, 3, 2)]
    [InlineData(2, 2, 3)]
    public void They_are_the_means_over_all_orders(int above, int wrong, int right)
    {
        var rank = new RankAmongTies(above, wrong, right);
        var firsts = FirstRight(wrong, right).Select(place => above + place).ToList();

        Assert.Equal(firsts.Average(), rank.Expected, 9);
        for (var k = 1; k <= 8; k++)
        {
            Assert.Equal(firsts.Average(f => f <= k ? 1.0 : 0), rank.Within(k), 9);
        }
    }

    // The first right place in every choice of places for the right ones.
    private static IEnumerable<int> FirstRight(int wrong, int right) => Enumerable.Range(0, 1 << (wrong + right))
        .Where(places => int.PopCount(places) == right).Select(places => int.TrailingZeroCount(places) + 1);
}
