using Sightline.Curation.Languages;

namespace Sightline.Curation.Tests.Languages;

public sealed class LanguageMixtureTests
{
    // Three languages; the first two units speak for 0, the last two for 1, by so many nats.
    private static byte[] PathOf(float nats, float change)
    {
        float[] scores = [nats, 0, 0, nats, 0, 0, 0, nats, 0, 0, nats, 0];
        var path = new byte[4];
        LanguageMixture.MostProbablePath(scores, 3, [change, change, change, change], path);
        return path;
    }

    [Fact]
    public void Evidence_above_the_cost_changes_the_language() => Assert.Equal([0, 0, 1, 1], PathOf(2, 3));

    [Fact]
    public void Evidence_below_the_cost_does_not()
    {
        var path = PathOf(2, 5);
        Assert.True(path.All(language => language == path[0]), string.Join(' ', path));
    }

    [Fact]
    public void The_path_is_the_best_of_all()
    {
        var random = new Random(3);
        for (var round = 0; round < 200; round++)
        {
            var scores = Enumerable.Range(0, 15).Select(_ => random.NextSingle() * 4).ToArray();
            var changes = Enumerable.Range(0, 5).Select(_ => random.NextSingle() * 3).ToArray();
            var path = new byte[5];
            LanguageMixture.MostProbablePath([.. scores], 3, changes, path);
            int[] powers = [1, 3, 9, 27, 81];
            var best = Enumerable.Range(0, 243).Max(code => Total([.. powers.Select(power => (byte)(code / power % 3))]));
            Assert.Equal(best, Total(path), 4);

            float Total(byte[] languages) => languages.Select((language, u) => scores[(u * 3) + language]
                - (u > 0 && language != languages[u - 1] ? changes[u] : 0)).Sum();
        }
    }
}
