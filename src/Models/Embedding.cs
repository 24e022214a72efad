using System.Numerics.Tensors;

namespace Sightline.Models;

/// <summary>A unit-length vector in one model's embedding space. Two spaces never meet: comparing across them throws.</summary>
public sealed class Embedding
{
    private readonly float[] _values;

    private Embedding(EmbeddingSpace space, float[] values)
    {
        Space = space;
        _values = values;
    }

    /// <summary>The space that gives the numbers their meaning.</summary>
    public EmbeddingSpace Space { get; }

    /// <summary>The components, <see cref="EmbeddingSpace.Dimensions"/> of them, of Euclidean length 1.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary><see cref="Values"/>, to keep.</summary>
    public ReadOnlyMemory<float> Memory => _values;

    /// <summary>Scales <paramref name="values"/> to unit length.</summary>
    /// <exception cref="ArgumentException">The length is not the space's, a component is not finite, or all are zero.</exception>
    public static Embedding Normalize(EmbeddingSpace space, ReadOnlySpan<float> values)
    {
        if (values.Length != space.Dimensions)
        {
            throw new ArgumentException($"An embedding in {space} has {space.Dimensions} components, not {values.Length}.", nameof(values));
        }

        var norm = TensorPrimitives.Norm(values);
        if (!float.IsFinite(norm) || norm == 0)
        {
            throw new ArgumentException($"A vector of length {norm} has no direction.", nameof(values));
        }

        var unit = new float[values.Length];
        TensorPrimitives.Divide(values, norm, unit);
        return new Embedding(space, unit);
    }

    /// <summary>Cosine similarity, in [-1, 1].</summary>
    /// <exception cref="InvalidOperationException">The other embedding lives in another space.</exception>
    public float Similarity(Embedding other) =>
        other.Space == Space
            ? TensorPrimitives.Dot(Values, other.Values)
            : throw new InvalidOperationException($"An embedding in {Space} cannot be compared with one in {other.Space}.");
}
