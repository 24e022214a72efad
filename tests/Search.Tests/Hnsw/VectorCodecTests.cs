using System.Numerics.Tensors;

namespace Sightline.Search.Tests;

public sealed class VectorCodecTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(90)]
    public void Principal_axes_are_orthonormal_and_rebuild_the_matrix(int n)
    {
        var random = new Random(n);
        var half = Enumerable.Range(0, n).Select(_ => Vectors.Gaussian(random, n).Select(x => (double)x).ToArray()).ToArray();
        var matrix = half.Select(row => half.Select(other => TensorPrimitives.Dot<double>(row, other)).ToArray()).ToArray();
        var (values, axes) = PrincipalAxes.Of([.. matrix.Select(row => row.ToArray())]);

        Assert.Equal(values.OrderDescending(), values);
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                Assert.Equal(i == j ? 1 : 0, TensorPrimitives.Dot<double>(axes[i], axes[j]), 1e-9);
                Assert.Equal(matrix[i][j], Enumerable.Range(0, n).Sum(k => values[k] * axes[k][i] * axes[k][j]), 1e-8 * n);
            }
        }
    }

    [Fact]
    public void Principal_axes_of_nothing_are_still_axes()
    {
        var (values, axes) = PrincipalAxes.Of([.. Enumerable.Range(0, 8).Select(_ => new double[8])]);

        Assert.All(values, v => Assert.Equal(0, v));
        Assert.All(axes, axis => Assert.Equal(1, TensorPrimitives.Norm<double>(axis), 1e-12));
    }

    [Fact]
    public void Encoding_what_was_decoded_changes_nothing_so_merges_do_not_wear_vectors_out()
    {
        foreach (var vector in Vectors.Clustered(200, 96, 5, 3).Rows)
        {
            var (first, second, decoded) = (new short[96], new short[96], new float[96]);
            var step = VectorCodec.EncodeExact(vector, first);
            VectorCodec.DecodeExact(first, step, decoded);

            Assert.Equal(step, VectorCodec.EncodeExact(decoded, second), step * 1e-6f);
            Assert.Equal(first, second);
            Assert.True(TensorPrimitives.Distance<float>(vector, decoded) < 2e-4);
        }
    }

    [Fact]
    public void A_walk_code_is_as_short_as_the_variance_allows_and_keeps_the_order_of_scores()
    {
        var vectors = Vectors.Clustered(3000, 384, 40, 5);
        var codec = VectorCodec.Fit(384, 3000, (row, into) => vectors.Rows[row].CopyTo(into), VectorCodec.LostEnergy, new ParallelOptions());

        // A third of the dimensions is in use: 128 of 384.
        Assert.Equal(128, codec.Width);
        Assert.InRange(codec.MeasureLoss(3000, (row, into) => vectors.Rows[row].CopyTo(into)), 0, VectorCodec.LostEnergy);
        var foreign = Vectors.Clustered(500, 384, 40, 6);
        Assert.True(codec.MeasureLoss(500, (row, into) => foreign.Rows[row].CopyTo(into)) > 0.1);
    }
}
