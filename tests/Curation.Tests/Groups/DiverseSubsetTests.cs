using System.Numerics.Tensors;

namespace Sightline.Curation.Tests.Groups;

public sealed class DiverseSubsetTests
{
    [Theory]
    [InlineData(16)]
    [InlineData(100)]
    public void Farthest_points_are_those_that_brute_force_chooses(int dimensions)
    {
        var pairs = NearDuplicateImageTests.Embedded(3_000, dimensions, new Random(dimensions));
        var vectors = pairs.Select(p => p.Embedding?.Select(v => (float)(Half)v).ToArray()).ToArray();
        using var run = TestRun.Of(pairs, partRows: 700);

        var drops = run.Run(new DiverseSubset(SubsetSize.Pairs(60), DiversityMethod.FarthestPoint) { Workers = 3 });

        var known = Enumerable.Range(0, pairs.Length).Where(i => vectors[i] is not null).ToArray();
        var chosen = new List<int> { known[(int)(SeededHash.Of(1, 0) % (ulong)known.Length)] };
        var cosines = new float[pairs.Length];
        Array.Fill(cosines, -2);
        while (true)
        {
            foreach (var i in known)
            {
                cosines[i] = Math.Max(cosines[i], TensorPrimitives.Dot<float>(vectors[i], vectors[chosen[^1]]));
            }

            if (chosen.Count == 60)
            {
                break;
            }

            chosen.Add(known.Except(chosen).MinBy(i => cosines[i]));
        }

        Assert.Equal(chosen.Select(i => (long)i).Order(), Kept(run));
        Assert.All(drops, d => Assert.Equal(vectors[d.Key] is null ? 0 : 1, d.Value.Reason));
        Assert.All(drops.Where(d => d.Value.Reason == 1), d =>
            Assert.Equal(cosines[d.Key], TensorPrimitives.Dot<float>(vectors[d.Key], vectors[d.Value.Twin])));
    }

    [Fact]
    public void K_means_finds_one_pair_of_each_cluster()
    {
        var random = new Random(4);
        var centres = NearDuplicateImageTests.Embedded(80, 64, random).Select(p => p.Embedding).OfType<float[]>().Take(20).ToArray();
        centres = [.. centres.Select((c, i) => c.Select((v, j) => j == i ? 3f : v / 3).ToArray()).Select(Unit)];
        var clusters = Enumerable.Range(0, 4_000).Select(_ => random.Next(20)).ToArray();
        float[] Near(float[] centre) => Unit([.. centre.Select(v => v + (0.01f * (random.NextSingle() - 0.5f)))]);
        var pairs = clusters.Select(c => new TestPair(Embedding: Near(centres[c]))).ToArray();
        var used = clusters.Distinct().Count();
        using var run = TestRun.Of(pairs, partRows: 900);

        var drops = run.Run(new DiverseSubset(SubsetSize.Pairs(used), DiversityMethod.KMeans));

        Assert.Equal(used, Kept(run).Select(row => clusters[row]).Distinct().Count());
        Assert.All(drops, d => Assert.Equal(clusters[d.Key], clusters[d.Value.Twin]));
    }

    [Theory]
    [InlineData(DiversityMethod.FarthestPoint)]
    [InlineData(DiversityMethod.KMeans)]
    public void Size_and_result_are_the_same_for_any_number_of_threads_and_parts(DiversityMethod method)
    {
        var pairs = NearDuplicateImageTests.Embedded(2_500, 48, new Random(7));
        var gone = Enumerable.Range(0, 2_500).Where(i => i % 5 == 0).Select(i => (long)i).ToArray();
        using var first = TestRun.Of(pairs, 400, gone: gone);
        using var second = TestRun.Of(pairs, 999, gone: gone);
        using var third = TestRun.Of(pairs, 400, seed: 2, gone: gone);

        first.Run(new DiverseSubset(SubsetSize.Share(0.1), method) { Workers = 1 });
        second.Run(new DiverseSubset(SubsetSize.Share(0.1), method) { Workers = 6 });
        third.Run(new DiverseSubset(SubsetSize.Share(0.1), method));

        Assert.Equal(200, 2_000 - first.Drops.Count);
        Assert.Equal(first.Drops, second.Drops);
        Assert.NotEqual(first.Drops, third.Drops);
    }

    [Theory]
    [InlineData(DiversityMethod.FarthestPoint)]
    [InlineData(DiversityMethod.KMeans)]
    public void Equal_images_are_no_obstacle(DiversityMethod method)
    {
        var pairs = Enumerable.Range(0, 40).Select(i => new TestPair(Embedding: i < 20 ? [1, 0, 0] : [0, 1, 0])).ToArray();
        using var run = TestRun.Of(pairs);
        using var all = TestRun.Of(pairs);
        using var none = TestRun.Of(pairs);

        run.Run(new DiverseSubset(SubsetSize.Pairs(5), method));

        Assert.Equal(35, run.Drops.Count);
        Assert.Equal(2, Kept(run).Select(row => row / 20).Distinct().Count());
        Assert.Empty(all.Run(new DiverseSubset(SubsetSize.Pairs(100), method)));
        Assert.Equal(40, none.Run(new DiverseSubset(SubsetSize.Share(0), method)).Count);
    }

    [Fact]
    public void What_nobody_measured_is_said()
    {
        using var run = TestRun.Of([new("a")]);

        var filter = new DiverseSubset(SubsetSize.Pairs(1), DiversityMethod.KMeans);
        Assert.Contains("measure NAME --clip", Assert.Throws<RecipeException>(() => run.Run(filter)).Message);
    }

    private static IEnumerable<long> Kept(TestRun run) =>
        Enumerable.Range(0, (int)run.Pairs).Select(i => (long)i).Where(i => !run.Drops.ContainsKey(i));

    private static float[] Unit(float[] vector)
    {
        var norm = TensorPrimitives.Norm<float>(vector);
        return [.. vector.Select(v => v / norm)];
    }
}
