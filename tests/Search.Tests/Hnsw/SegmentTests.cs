using System.Numerics.Tensors;

namespace Sightline.Search.Tests;

public sealed unsafe class SegmentTests
{
    private const int Dimensions = 96;

    [Fact]
    public void Recall_on_clustered_vectors_rises_with_the_beam()
    {
        var vectors = Vectors.Clustered(20_000, Dimensions, 300, 1);
        var segment = vectors.Build();
        var queries = Queries(vectors, 100);

        Assert.True(MeanRecall(vectors, segment, queries, 16) > 0.85);
        Assert.True(MeanRecall(vectors, segment, queries, 64) > 0.98);
        Assert.True(MeanRecall(vectors, segment, queries, 256) > 0.998);
    }

    [Fact]
    public void Vectors_that_come_sorted_by_cluster_are_found_as_well()
    {
        var vectors = Vectors.Clustered(20_000, Dimensions, 200, 2, sorted: true);

        Assert.True(MeanRecall(vectors, vectors.Build(), Queries(vectors, 100), 64) > 0.98);
    }

    [Fact]
    public void Clusters_in_far_corners_are_reached()
    {
        // Twelve tight clusters along the axes: nothing lies between them.
        var random = new Random(3);
        var vectors = new Vectors([.. Enumerable.Range(0, 12_000).Select(i =>
        {
            var vector = Vectors.Gaussian(random, Dimensions);
            TensorPrimitives.Multiply(vector, 0.01f, vector);
            vector[i / 1000] += i / 1000 % 2 == 0 ? 1 : -1;
            return Vectors.Unit(vector);
        })]);

        // One byte a component cannot tell the members of a cluster apart.
        var segment = vectors.Build();
        Assert.Equal(2, segment.Image.Shape.Levels);
        Assert.True(MeanRecall(vectors, segment, vectors.Rows.Where((_, i) => i % 97 == 0).ToArray(), 64) > 0.99);
    }

    [Fact]
    public void Ten_thousand_equal_vectors_are_one_node_and_hide_nobody()
    {
        var vectors = Vectors.Clustered(5_000, Dimensions, 50, 4);
        var same = vectors.Rows[7];
        var all = new Vectors([.. vectors.Rows, .. Enumerable.Repeat(same, 10_000)]);
        var segment = all.Build();

        Assert.Equal(5_000, segment.Nodes);
        Assert.Equal(15_000, segment.Rows);
        Assert.True(MeanRecall(all, segment, Queries(vectors, 50), 64) > 0.98);
        Assert.Equal([7L, .. Enumerable.Range(5_000, 9_999)], Search(segment, same, 10_000, 64).Select(s => s.Image.Value));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(17)]
    [InlineData(300)]
    public void A_small_segment_answers_exactly(int count)
    {
        var vectors = Vectors.Clustered(count, Dimensions, 3, 5);
        var query = Queries(vectors, 1)[0];

        Assert.Equal(Ids(vectors.BruteForce(query, 10)), Ids(Search(vectors.Build(), query, 10, 192)));
    }

    [Theory]
    [InlineData(50, 2_000)]
    [InlineData(5_000, 5_000)]
    public void Every_node_can_be_reached_on_every_level(int topics, int count)
    {
        var graph = Vectors.Clustered(count, Dimensions, topics, 6).Build(beam: 32).Image.Graph;
        for (var level = 0; level < graph.Links.Length; level++)
        {
            var reached = new HashSet<int> { 0 };
            var waiting = new Queue<int>([0]);
            while (waiting.TryDequeue(out var node))
            {
                var links = graph.Rows(level).Of(node, out var capacity);
                for (var i = 0; i < capacity && links[i] >= 0; i++)
                {
                    Assert.InRange(links[i], 0, graph.LevelCounts[level] - 1);
                    Assert.NotEqual(node, links[i]);
                    if (reached.Add(links[i]))
                    {
                        waiting.Enqueue(links[i]);
                    }
                }
            }

            // The upper levels are entrances; the base level has to hold all.
            Assert.True(level > 0 || reached.Count == count, $"level {level}: {reached.Count} of {graph.LevelCounts[level]}");
        }
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.1)]
    [InlineData(0.01)]
    [InlineData(0.001)]
    public void A_filter_that_ignores_the_query_costs_no_recall(double selectivity)
    {
        var vectors = Vectors.Clustered(30_000, Dimensions, 300, 7);
        var random = new Random(8);
        var allowed = Enumerable.Range(0, 30_000).Where(_ => random.NextDouble() < selectivity).Select(i => (long)i).ToHashSet();

        AssertFiltered(vectors, vectors.Build(), Queries(vectors, 40), _ => allowed);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.1)]
    [InlineData(0.01)]
    public void Filters_that_allow_only_what_is_near_or_only_what_is_far_cost_no_recall(double selectivity)
    {
        var vectors = Vectors.Clustered(20_000, Dimensions, 200, 9);
        var segment = vectors.Build();
        foreach (var keepFar in new[] { false, true })
        {
            AssertFiltered(vectors, segment, Queries(vectors, 15), query =>
            {
                var order = vectors.BruteForce(query, 20_000).Select(s => s.Image.Value).ToList();
                var count = (int)(selectivity * order.Count);
                return [.. keepFar ? order.TakeLast(count) : order.Take(count)];
            });
        }
    }

    [Fact]
    public void A_filter_that_allows_one_row_finds_it_wherever_it_is()
    {
        var vectors = Vectors.Clustered(20_000, Dimensions, 200, 10);
        var segment = vectors.Build();
        var query = Queries(vectors, 1)[0];
        foreach (var only in new[] { 0L, 9_999, 19_999 })
        {
            var filter = new VectorFilter(new ImageSet([only]), null, null);
            Assert.Equal(only, Assert.Single(Search(segment, query, 10, 64, filter)).Image.Value);
        }

        Assert.Empty(Search(segment, query, 10, 64, new VectorFilter(new ImageSet([]), null, null)));
        Assert.Empty(Search(segment, query, 10, 64, new VectorFilter(new ImageSet([20_000, 1_000_000]), null, null)));
    }

    [Fact]
    public void Where_few_rows_are_allowed_the_answer_is_brute_forces_own()
    {
        var vectors = Vectors.Clustered(20_000, Dimensions, 200, 11);
        var segment = vectors.Build();
        var allowed = Enumerable.Range(0, 20_000).Where(i => i % 100 == 3).Select(i => (long)i).ToHashSet();
        foreach (var query in Queries(vectors, 50))
        {
            var truth = vectors.BruteForce(query, 10, i => allowed.Contains(i));
            var found = Search(segment, query, 10, 64, new VectorFilter(new ImageSet(allowed), null, null));

            Assert.Equal(Ids(truth), Ids(found));
            Assert.All(truth.Zip(found), pair => Assert.Equal(pair.First.Score, pair.Second.Score, 1e-5f));
        }
    }

    [Fact]
    public void Collections_are_searched_alone_and_together()
    {
        var vectors = Vectors.Clustered(9_000, Dimensions, 90, 12);
        var segment = vectors.Build();
        foreach (var collections in new HashSet<long>[] { [0], [1, 2], [0, 1, 2], [7] })
        {
            var query = Queries(vectors, 1)[0];
            var truth = vectors.BruteForce(query, 10, i => collections.Contains(i % 3));

            Assert.Equal(Ids(truth), Ids(Search(segment, query, 10, 256, new VectorFilter(null, collections, null))));
        }
    }

    [Fact]
    public void Deleted_rows_are_not_found_and_what_is_behind_them_is()
    {
        var vectors = Vectors.Clustered(20_000, Dimensions, 200, 13);
        var segment = vectors.Build();
        foreach (var query in Queries(vectors, 20))
        {
            foreach (var hit in vectors.BruteForce(query, 300))
            {
                segment.Delete(hit.Image.Value, 1);
            }
        }

        double recall = 0;
        foreach (var query in Queries(vectors, 20))
        {
            var truth = vectors.BruteForce(query, 10, i => segment.RowOf(i) >= 0);
            var found = Search(segment, query, 10, 64);
            Assert.Equal(10, found.Length);
            Assert.All(found, hit => Assert.True(segment.RowOf(hit.Image.Value) >= 0));
            recall += Vectors.Recall(truth, found) / 20;
        }

        Assert.True(recall > 0.95, $"recall {recall}");
    }

    private static void AssertFiltered(Vectors vectors, Segment segment, float[][] queries, Func<float[], HashSet<long>> allow)
    {
        double recall = 0;
        foreach (var query in queries)
        {
            var allowed = allow(query);
            var truth = vectors.BruteForce(query, 10, i => allowed.Contains(i));
            var found = Search(segment, query, 10, 64, new VectorFilter(new ImageSet(allowed), null, null));
            Assert.Equal(truth.Length, found.Length);
            Assert.All(found, hit => Assert.Contains(hit.Image.Value, allowed));
            recall += Vectors.Recall(truth, found) / queries.Length;
        }

        Assert.True(recall >= 0.95, $"recall {recall}");
    }

    private static double MeanRecall(Vectors vectors, Segment segment, float[][] queries, int beam) =>
        queries.Average(query => Vectors.Recall(vectors.BruteForce(query, 10), Search(segment, query, 10, beam)));

    private static ScoredImage[] Search(Segment segment, float[] query, int count, int beam, VectorFilter? filter = null)
    {
        var best = new TopImages(count);
        segment.Search(new PreparedQuery(query), count, beam, filter ?? VectorFilter.None, best, default);
        return best.ToSortedArray();
    }

    // From another modality: shifted off the cone, as text embeddings are.
    private static float[][] Queries(Vectors vectors, int count)
    {
        var random = new Random(99);
        var gap = Vectors.Unit(Vectors.Gaussian(random, vectors.Dimensions));
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var query = Vectors.Unit(Vectors.Gaussian(random, vectors.Dimensions));
            TensorPrimitives.MultiplyAdd(query, 0.5f, vectors.Rows[random.Next(vectors.Rows.Length)], query);
            TensorPrimitives.MultiplyAdd(gap, 0.7f, query, query);
            return Vectors.Unit(query);
        })];
    }

    private static long[] Ids(IEnumerable<ScoredImage> hits) => [.. hits.Select(h => h.Image.Value)];
}
