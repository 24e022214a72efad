using System.Numerics.Tensors;

namespace Sightline.Search.Tests;

public sealed class VectorIndexTests
{
    private const int Dimensions = 16;

    [Theory]
    [InlineData(10)]
    [InlineData(5_000)]
    [InlineData(300_000)]
    public void Search_agrees_with_sorting_everything(int count)
    {
        var random = new Random(1);
        var vectors = Enumerable.Range(0, count).Select(_ => Vector(random)).ToArray();
        var index = new VectorIndex(Dimensions);
        for (var i = 0; i < count; i++)
        {
            index.Set(new ImageId(i), 1, vectors[i]);
        }

        var query = Vector(random);
        var expected = vectors.Select((v, i) => new ScoredImage(new ImageId(i), TensorPrimitives.Dot(v, query))).Order().Take(25);

        Assert.Equal(expected, index.Search(query, 25, VectorFilter.None, VectorIndex.DefaultBeam, default));
    }

    [Fact]
    public void Equal_scores_come_by_id()
    {
        var index = new VectorIndex(Dimensions);
        var vector = Vector(new Random(1));
        foreach (var id in new[] { 5, 3, 9, 1, 7 })
        {
            index.Set(new ImageId(id), 1, vector);
        }

        Assert.Equal([1, 3, 5], index.Search(vector, 3, VectorFilter.None, VectorIndex.DefaultBeam, default).Select(s => s.Image.Value));
    }

    [Fact]
    public void A_replaced_vector_is_found_at_its_new_place_only_and_a_removed_one_not_at_all()
    {
        var random = new Random(2);
        var index = new VectorIndex(Dimensions);
        var (first, second) = (Vector(random), Vector(random));
        index.Set(new ImageId(1), 1, first);
        index.Set(new ImageId(2), 1, first);
        index.Set(new ImageId(1), 1, second);
        index.Remove(new ImageId(2));
        index.Remove(new ImageId(2));

        Assert.Equal(new ImageId(1), Assert.Single(index.Search(second, 10, VectorFilter.None, VectorIndex.DefaultBeam, default)).Image);
        Assert.Equal(second, index.Find(new ImageId(1)));
        Assert.Null(index.Find(new ImageId(2)));
        Assert.Equal(1, index.Count);
    }

    [Fact]
    public void Nothing_is_lost_and_nothing_doubled_while_half_is_deleted_and_added_again_across_merges()
    {
        var random = new Random(3);
        var index = new VectorIndex(Dimensions);
        var live = new Dictionary<long, float[]>();
        for (var step = 0; step < 30_000; step++)
        {
            var id = random.Next(6_000);
            if (random.Next(2) == 0)
            {
                index.Remove(new ImageId(id));
                live.Remove(id);
            }
            else
            {
                index.Set(new ImageId(id), 1, live[id] = Vector(random));
            }

            if (step % 1_000 == 999)
            {
                Keep(index, step);
            }
        }

        Assert.Equal(live.Count, index.Count);
        Assert.InRange(index.Segments.Count, 1, 4);
        Assert.All(live, image => Assert.True(TensorPrimitives.Distance<float>(image.Value, index.Find(new ImageId(image.Key))) < 1e-4));
        var query = Vector(random);
        var expected = live.Select(v => new ScoredImage(new ImageId(v.Key), TensorPrimitives.Dot(v.Value, query))).Order().ToList();

        var all = index.Search(query, 10_000, VectorFilter.None, VectorIndex.DefaultBeam, default);
        Assert.Equal(expected.Select(s => s.Image).ToHashSet(), all.Select(s => s.Image).ToHashSet());
        Assert.Equal(live.Count, all.Length);
        Assert.True(Vectors.Recall(expected[..10], index.Search(query, 10, VectorFilter.None, 64, default)) >= 0.9);
    }

    [Fact]
    public async Task Readers_see_whole_vectors_and_every_image_while_a_writer_replaces_them_and_parts_are_merged()
    {
        // Every vector ever stored has one value in all components, so a torn read would give another dot product. The 300 images are
        // always there: a search that misses one has looked at a part that was swapped under it.
        var index = new VectorIndex(Dimensions);
        var query = Enumerable.Repeat(1f, Dimensions).ToArray();
        for (var id = 0; id < 300; id++)
        {
            index.Set(new ImageId(id), 1, Whole(id));
        }

        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (var search = 0; search < 1_000; search++)
            {
                var hits = index.Search(query, 400, VectorFilter.None, VectorIndex.DefaultBeam, default);
                Assert.All(hits, hit => Assert.Equal(MathF.Round(hit.Score / Dimensions), hit.Score / Dimensions, 1e-3f));
                Assert.Equal(300, hits.Length);
                Assert.Equal(300, hits.DistinctBy(h => h.Image).Count());
            }
        })).ToArray();
        var keeper = Task.CompletedTask;
        for (var step = 0; step < 20_000 || !readers.All(r => r.IsCompleted); step++)
        {
            index.Set(new ImageId(step % 300), 1, Whole(step));
            if (step % 500 == 0 && keeper.IsCompleted)
            {
                await keeper;
                keeper = Task.Run(() => Keep(index, step));
            }

            if (index.TailRows > 5_000)
            {
                await keeper;
            }
        }

        await keeper;
        await Task.WhenAll(readers);

        float[] Whole(int step) => [.. Enumerable.Repeat((float)(step % 100), Dimensions)];
    }

    [Fact]
    public void A_merge_does_not_bring_back_what_was_deleted_while_it_ran()
    {
        var random = new Random(4);
        var index = new VectorIndex(Dimensions);
        for (var id = 0; id < 3_000; id++)
        {
            index.Set(new ImageId(id), 1, Vector(random));
        }

        index.CloseRun(3_000);
        var moved = Vector(random);
        index.Carry(index.PlanFlush()!, 64, new ParallelOptions(), (done, _) =>
        {
            // The builder has begun; the catalogue goes on.
            index.Remove(new ImageId(5));
            index.Set(new ImageId(6), 1, moved);
        });

        Assert.Equal(2_999, index.Count);
        Assert.Null(index.Find(new ImageId(5)));
        Assert.Equal(moved, index.Find(new ImageId(6)));
        Assert.Equal(2_999, index.Search(moved, 5_000, VectorFilter.None, 64, default).Length);
    }

    // What the keeper does in its own time.
    private static void Keep(VectorIndex index, long number)
    {
        index.CloseRun(number);
        while ((index.PlanFlush() ?? index.PlanMerge()) is { } plan)
        {
            index.Carry(plan, 64, new ParallelOptions(), null);
        }
    }

    private static float[] Vector(Random random) => [.. Enumerable.Range(0, Dimensions).Select(_ => (float)(random.NextDouble() - 0.5))];
}
