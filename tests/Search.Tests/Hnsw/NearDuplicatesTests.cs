using System.Numerics.Tensors;

namespace Sightline.Search.Tests;

public sealed class NearDuplicatesTests
{
    private const int Dimensions = 64;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Groups_are_the_chains_of_pairs_above_the_threshold(bool inSegments)
    {
        // Every tenth image has copies that differ a little; the rest have nobody near.
        var random = new Random(1);
        var rows = new List<float[]>();
        var groups = new List<int[]>();
        for (var i = 0; i < 2_000; i++)
        {
            var original = Vectors.Unit(Vectors.Gaussian(random, Dimensions));
            var members = new List<int> { rows.Count };
            rows.Add(original);
            for (var copy = 0; i % 10 == 0 && copy < 1 + i % 40; copy++)
            {
                var near = Vectors.Gaussian(random, Dimensions);
                TensorPrimitives.MultiplyAdd(near, 0.01f, original, near);
                members.Add(rows.Count);
                rows.Add(Vectors.Unit(near));
            }

            if (members.Count > 1)
            {
                groups.Add([.. members]);
            }
        }

        Assert.Equal(groups.Select(Ids), Find(rows, 0.97f, inSegments).OrderBy(group => group[0]));
    }

    [Fact]
    public void A_chain_is_one_group_though_its_ends_are_far_apart()
    {
        var chain = Enumerable.Range(0, 30).Select(i =>
        {
            var vector = new float[Dimensions];
            (vector[0], vector[1]) = (MathF.Cos(i * 0.1f), MathF.Sin(i * 0.1f));
            return vector;
        }).ToList();

        Assert.Equal([Ids(Enumerable.Range(0, 30))], Find(chain, 0.99f, inSegments: false));
        Assert.Empty(Find(chain, 0.999f, inSegments: false));
    }

    [Fact]
    public void More_equal_images_than_one_search_returns_are_one_group()
    {
        var random = new Random(2);
        var same = Vectors.Unit(Vectors.Gaussian(random, Dimensions));
        var rows = Enumerable.Range(0, 3_000).Select(i => i % 2 == 0 ? same : Vectors.Unit(Vectors.Gaussian(random, Dimensions))).ToList();

        Assert.Equal([Ids(Enumerable.Range(0, 1_500).Select(i => 2 * i))], Find(rows, 0.95f, inSegments: true));
    }

    [Fact]
    public void A_group_is_given_before_all_images_have_been_looked_at()
    {
        var random = new Random(3);
        var rows = Enumerable.Range(0, 5_000).Select(_ => Vectors.Unit(Vectors.Gaussian(random, Dimensions))).ToList();
        rows[1] = rows[0];
        var looked = 0;

        Assert.Equal(Ids([0, 1]), Ids(new NearDuplicates(Index(rows, inSegments: false), 0.99f).Find((done, _) => looked = done, default).First()));
        Assert.Equal(0, looked);
    }

    private static long[][] Find(List<float[]> rows, float above, bool inSegments) =>
        [.. new NearDuplicates(Index(rows, inSegments), above).Find(null, default).Select(Ids)];

    private static VectorIndex Index(List<float[]> rows, bool inSegments)
    {
        var index = new VectorIndex(Dimensions);
        for (var i = 0; i < rows.Count; i++)
        {
            index.Set(new ImageId(i), 1, rows[i]);
        }

        if (inSegments)
        {
            index.CloseRun(rows.Count);
            index.Carry(index.PlanFlush()!, 96, new ParallelOptions(), null);
        }

        return index;
    }

    private static long[] Ids(IEnumerable<int> ids) => [.. ids.Select(id => (long)id)];

    private static long[] Ids(IEnumerable<ImageId> ids) => [.. ids.Select(id => id.Value)];
}
