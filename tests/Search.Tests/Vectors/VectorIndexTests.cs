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
            index.Set(new ImageId(i), vectors[i]);
        }

        var query = Vector(random);
        var expected = vectors.Select((v, i) => new ScoredImage(new ImageId(i), TensorPrimitives.Dot(v, query))).Order().Take(25);

        Assert.Equal(expected, index.Search(query, 25, null, default));
    }

    [Fact]
    public void Equal_scores_come_by_id()
    {
        var index = new VectorIndex(Dimensions);
        var vector = Vector(new Random(1));
        foreach (var id in new[] { 5, 3, 9, 1, 7 })
        {
            index.Set(new ImageId(id), vector);
        }

        Assert.Equal([1, 3, 5], index.Search(vector, 3, null, default).Select(s => s.Image.Value));
    }

    [Fact]
    public void A_replaced_vector_is_found_at_its_new_place_only_and_a_removed_one_not_at_all()
    {
        var random = new Random(2);
        var index = new VectorIndex(Dimensions);
        var (first, second) = (Vector(random), Vector(random));
        index.Set(new ImageId(1), first);
        index.Set(new ImageId(2), first);
        index.Set(new ImageId(1), second);
        index.Remove(new ImageId(2));
        index.Remove(new ImageId(2));

        Assert.Equal(new ImageId(1), Assert.Single(index.Search(second, 10, null, default)).Image);
        Assert.Equal(second, index.Find(new ImageId(1)));
        Assert.Null(index.Find(new ImageId(2)));
        Assert.Equal(1, index.Count);
    }

    [Fact]
    public void Nothing_is_lost_when_dead_slots_are_squeezed_out()
    {
        var random = new Random(3);
        var index = new VectorIndex(Dimensions);
        var live = new Dictionary<long, float[]>();
        for (var step = 0; step < 60_000; step++)
        {
            var id = random.Next(6_000);
            if (random.Next(4) == 0)
            {
                index.Remove(new ImageId(id));
                live.Remove(id);
            }
            else
            {
                index.Set(new ImageId(id), live[id] = Vector(random));
            }
        }

        var query = Vector(random);
        var expected = live.Select(v => new ScoredImage(new ImageId(v.Key), TensorPrimitives.Dot(v.Value, query))).Order();

        Assert.Equal(expected, index.Search(query, 10_000, null, default));
    }

    [Fact]
    public async Task Readers_see_whole_vectors_while_a_writer_replaces_them()
    {
        // Every vector ever stored has one value in all components, so a torn read would give another dot product.
        var index = new VectorIndex(Dimensions);
        var query = Enumerable.Repeat(1f, Dimensions).ToArray();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (var search = 0; search < 2_000; search++)
            {
                var hits = index.Search(query, 50, null, default);
                Assert.All(hits, hit => Assert.Equal(0, hit.Score % Dimensions));
                Assert.Equal(hits.Length, hits.DistinctBy(h => h.Image).Count());
            }
        })).ToArray();
        for (var step = 0; step < 20_000 || !readers.All(r => r.IsCompleted); step++)
        {
            index.Set(new ImageId(step % 300), Enumerable.Repeat((float)(step % 100), Dimensions).ToArray());
        }

        await Task.WhenAll(readers);
    }

    private static float[] Vector(Random random) => [.. Enumerable.Range(0, Dimensions).Select(_ => (float)(random.NextDouble() - 0.5))];
}
