using System.Numerics.Tensors;

namespace Sightline.Search.Tests;

/// <summary>Vectors for index tests, brute force, and recall.</summary>
internal sealed class Vectors(float[][] rows) : IVectorRows
{
    internal float[][] Rows { get; } = rows;

    internal int Dimensions => Rows[0].Length;

    public bool IsAlive(int row) => true;

    public float ReadExact(int row, Span<short> code) => VectorCodec.EncodeExact(Rows[row], code);

    /// <summary>
    /// Like CLIP's: unit length, topics of different sizes around a shared direction, a third of the dimensions in use.
    /// </summary>
    internal static Vectors Clustered(int count, int dimensions, int topics, int seed, bool sorted = false)
    {
        var random = new Random(seed);
        var latent = Math.Max(4, dimensions / 3);
        var basis = Enumerable.Range(0, latent).Select(_ => Gaussian(random, dimensions)).ToArray();
        var cone = Gaussian(random, dimensions);
        var centres = Enumerable.Range(0, topics).Select(_ => Gaussian(random, latent)).ToArray();
        var topicOf = Enumerable.Range(0, count).Select(_ => (int)(topics * Math.Pow(random.NextDouble(), 2))).ToArray();
        if (sorted)
        {
            Array.Sort(topicOf);
        }

        return new Vectors([.. topicOf.Select(topic =>
        {
            var vector = cone.ToArray();
            var offset = Gaussian(random, latent);
            for (var i = 0; i < latent; i++)
            {
                TensorPrimitives.MultiplyAdd(basis[i], centres[topic][i] + 0.5f * offset[i], vector, vector);
            }

            return Unit(vector);
        })]);
    }

    internal static float[] Gaussian(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ =>
            (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];

    internal static float[] Unit(float[] vector)
    {
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return vector;
    }

    internal Segment Build(int beam = 160) => SegmentBuilder.Build(
        Dimensions, [.. Rows.Select((_, i) => new SourceRow(this, i, i, i % 3))], null, beam, new ParallelOptions(), null);

    /// <summary>The true best, equal scores by id.</summary>
    internal ScoredImage[] BruteForce(float[] query, int count, Func<int, bool>? allows = null) =>
        [.. Enumerable.Range(0, Rows.Length).Where(i => allows?.Invoke(i) ?? true)
            .Select(i => new ScoredImage(new ImageId(i), TensorPrimitives.Dot<float>(Rows[i], query))).Order().Take(count)];

    /// <summary>The part of the true best that was found; a hit as good as the worst of them counts.</summary>
    internal static double Recall(IReadOnlyList<ScoredImage> truth, IReadOnlyList<ScoredImage> found) =>
        truth.Count == 0 ? 1 : Math.Min(1, found.Count(f => f.Score >= truth[^1].Score - 2e-5f) / (double)truth.Count);
}
