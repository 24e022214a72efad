using Sightline.Training.Probe;
using static TorchSharp.torch;

namespace Sightline.Training.Tests.Probe;

public sealed class FewShotTests
{
    [Fact]
    public void A_draw_has_so_many_of_each_class_and_all_of_a_class_with_fewer()
    {
        var set = new FeatureSet([.. Enumerable.Range(0, 9).Select(i => (float)i)], [0, 0, 0, 0, 1, 1, 1, 1, 2], 3, 1);

        var drawn = set.Draw(2, new Random(1));

        Assert.Equal([0, 0, 1, 1, 2], drawn.Labels);
        Assert.Equal(drawn.Features, drawn.Features.Distinct());
        Assert.All(drawn.Features.Zip(drawn.Labels), d => Assert.Equal(set.Labels[(int)d.First], d.Second));
        Assert.NotEqual(drawn.Features, set.Draw(2, new Random(2)).Features);
    }

    [Fact]
    public void More_examples_do_better_and_one_draw_has_no_deviation()
    {
        var (train, validation, test) = (Clouds(1, 100), Clouds(2, 60), Clouds(3, 200));

        var one = FewShot.Measure(1, 4, 0, train, validation, test, CPU, CancellationToken.None);
        var sixteen = FewShot.Measure(16, 4, 0, train, validation, test, CPU, CancellationToken.None);

        Assert.True(sixteen.Mean > one.Mean);
        Assert.InRange(sixteen.Mean, 0.8, 1);
        Assert.True(one.Deviation > 0);
        Assert.Equal(0, FewShot.Measure(1, 1, 0, train, validation, test, CPU, CancellationToken.None).Deviation);
    }

    // Three clouds in a plane, not quite apart.
    private static FeatureSet Clouds(int seed, int count)
    {
        var random = new Random(seed);
        int[] labels = [.. Enumerable.Range(0, count).Select(i => i % 3)];
        return new FeatureSet(
            [.. labels.SelectMany(l => new[] { Math.Cos(l * 2.1) + Noise(), Math.Sin(l * 2.1) + Noise() }).Select(x => (float)x)], labels, 3, 2);

        double Noise() => 0.45 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }
}
