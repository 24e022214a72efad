using System.Numerics;
using System.Numerics.Tensors;

namespace Sightline.Curation.Tests.Groups;

public sealed class NearDuplicateImageTests
{
    [Theory]
    [InlineData(0, Preference.First)]
    [InlineData(3, Preference.First)]
    [InlineData(6, Preference.Best)]
    [InlineData(11, Preference.First)]
    public void Hashes_near_a_kept_one_are_dropped_as_brute_force_does(int distance, Preference keep)
    {
        var pairs = Hashed(12_000, new Random(distance));
        using var run = TestRun.Of(pairs, partRows: 1_000);

        var drops = run.Run(new NearDuplicateImages(distance, null, keep));

        var telling = Enumerable.Range(0, pairs.Length).Where(i => PictureHash.IsTelling(TestRun.MeasuresOf(pairs[i])));
        var expected = Greedy(
            pairs, keep, telling, (x, y) => BitOperations.PopCount(pairs[x].Hash!.Value ^ pairs[y].Hash!.Value) <= distance);
        Assert.Equal(expected, drops.Select(d => (d.Key, d.Value.Twin)));
        Assert.True(drops.Count > (distance == 0 ? 100 : 1_000));
    }

    [Theory]
    [InlineData(0x0000_0000_0000_0000, 0.2f, false)]
    [InlineData(0xFFFF_FFFF_FFFF_FFFF, 0.2f, false)]
    [InlineData(0x0F0F_0F0F_0F0F_0F0F, 0.2f, false)]
    [InlineData(0x0000_0000_0103_0700, 0.2f, false)]
    [InlineData(0x1234_5678_9ABC_DEF0, 0.009f, false)]
    [InlineData(0x1234_5678_9ABC_DEF0, 0.2f, true)]
    public void Blank_images_are_left_alone(ulong hash, float contrast, bool isTelling)
    {
        var pair = new TestPair(Hash: hash, Contrast: contrast);
        using var run = TestRun.Of([pair, pair, new(Hash: ~0x1234_5678_9ABC_DEF0UL)]);

        Assert.Equal(isTelling ? 1 : 0, run.Run(new NearDuplicateImages(6, null, Preference.First)).Count);
    }

    [Theory]
    [InlineData(8, 0.9)]
    [InlineData(40, 0.96)]
    [InlineData(200, 0.9)]
    public void Embeddings_near_a_kept_one_are_dropped_as_brute_force_does(int dimensions, double cosine)
    {
        var pairs = Embedded(5_000, dimensions, new Random(dimensions));
        using var run = TestRun.Of(pairs, partRows: 900);

        var drops = run.Run(new NearDuplicateImages(null, cosine, Preference.Best) { Workers = 3 });

        var rounded = pairs.Select(p => p.Embedding?.Select(v => (float)(Half)v).ToArray()).ToArray();
        var expected = Greedy(pairs, Preference.Best, Enumerable.Range(0, pairs.Length).Where(i => rounded[i] is not null),
            (x, y) => TensorPrimitives.Dot<float>(rounded[x], rounded[y]) >= (float)cosine).ToArray();
        Assert.True(expected.Length > 500 && expected.Length < 4_500);
        Assert.Equal(expected, drops.Select(d => (d.Key, d.Value.Twin)));
    }

    [Fact]
    public void With_both_a_twin_by_hash_is_kept_by_embedding_too()
    {
        var random = new Random(12);
        var hashes = Hashed(4_000, random);
        var pairs = Embedded(4_000, 24, random).Select((p, i) => p with { Hash = hashes[i].Hash }).ToArray();
        using var first = TestRun.Of(pairs, partRows: 900);
        using var second = TestRun.Of(pairs, partRows: 500);

        var drops = first.Run(new NearDuplicateImages(6, 0.9, Preference.Best) { Workers = 1 });

        Assert.Equal([0, 1], drops.Values.Select(d => d.Reason).Distinct().Order());
        Assert.Equal(drops, second.Run(new NearDuplicateImages(6, 0.9, Preference.Best) { Workers = 4 }));
    }

    [Fact]
    public void What_nobody_measured_is_said()
    {
        using var run = TestRun.Of([new("a"), new("b")]);

        string Fault(int? distance, double? cosine) =>
            Assert.Throws<RecipeException>(() => run.Run(new NearDuplicateImages(distance, cosine, Preference.First))).Message;
        Assert.Contains("curate measure NAME.", Fault(6, null));
        Assert.Contains("measure NAME --clip", Fault(null, 0.9));
    }

    [Fact]
    public void A_sketch_bounds_every_cosine()
    {
        var pairs = Embedded(1_000, 100, new Random(3)).Select(p => p.Embedding is null ? new TestPair() : p).ToArray();
        using var run = TestRun.Of(pairs);
        using var rows = new EmbeddingRows("test", run.Scratch);
        rows.Fill(run, Preference.First, null, CancellationToken.None);
        var bound = CosineBound.Fit(rows, 0.9f, new ParallelOptions());
        var vectors = new float[rows.Count][];
        var sketches = new float[rows.Count][];
        for (var i = 0; i < rows.Count; i++)
        {
            rows.Read(i, vectors[i] = new float[100]);
            bound.Sketch(vectors[i], sketches[i] = new float[bound.Width]);
        }

        for (var i = 0; i < rows.Count; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var cosine = TensorPrimitives.Dot<float>(vectors[i], vectors[j]);
                Assert.True(TensorPrimitives.Dot<float>(sketches[i], sketches[j]) >= CosineBound.For(cosine));
            }
        }
    }

    internal static TestPair[] Embedded(int count, int dimensions, Random random)
    {
        float[] AnyUnit() => Unit([.. Enumerable.Range(0, dimensions).Select(_ => Gauss(random))]);
        var centres = Enumerable.Range(0, count / 4).Select(_ => AnyUnit()).ToArray();
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var centre = centres[random.Next(centres.Length)];
            var spread = 0.6f * random.NextSingle() / MathF.Sqrt(dimensions);
            return new TestPair(
                Embedding: i % 50 == 7 ? null : Unit([.. centre.Select(v => v + (spread * Gauss(random)))]),
                Similarity: random.Next(100) / 100f);
        })];
    }

    private static TestPair[] Hashed(int count, Random random)
    {
        var centres = Enumerable.Range(0, count / 3).Select(_ => (ulong)random.NextInt64() ^ ((ulong)random.Next() << 40)).ToArray();
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var hash = centres[random.Next(centres.Length)];
            for (var flips = random.Next(9); flips > 0; flips--)
            {
                hash ^= 1UL << random.Next(64);
            }

            return new TestPair(Hash: i % 100 == 3 ? null : i % 100 == 4 ? 0 : hash, Similarity: random.Next(100) / 100f);
        })];
    }

    // From the one to keep first: dropped where a kept one is near, the first such as twin; by row.
    private static IEnumerable<(long Row, long Twin)> Greedy(
        TestPair[] pairs, Preference keep, IEnumerable<int> among, Func<int, int, bool> near)
    {
        var kept = new List<int>();
        var drops = new SortedDictionary<long, long>();
        foreach (var i in among.OrderByDescending(i => keep == Preference.First ? 0 : pairs[i].Similarity).ThenBy(i => i))
        {
            var twin = kept.FindIndex(k => near(i, k));
            if (twin < 0)
            {
                kept.Add(i);
            }
            else
            {
                drops.Add(i, kept[twin]);
            }
        }

        return drops.Select(d => (d.Key, d.Value));
    }

    private static float Gauss(Random random) =>
        MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle());

    private static float[] Unit(float[] vector)
    {
        var norm = TensorPrimitives.Norm<float>(vector);
        return [.. vector.Select(v => v / norm)];
    }
}
