using System.Numerics.Tensors;
using Sightline.Models;

namespace Sightline.Search;

/// <summary>One direction from several terms.</summary>
internal static class QueryVector
{
    /// <summary>
    /// The weighted sum of the terms, each divided by the deviation of its own scores over the collection: pictures lie closer to pictures
    /// than to texts, and a plain sum would follow the picture alone. Ranking by it is ranking by the weighted sum of calibrated scores.
    /// </summary>
    /// <exception cref="ArgumentException">The terms cancel each other.</exception>
    internal static Embedding Combine(IReadOnlyList<(Embedding Embedding, float Weight)> terms, ScoreBackground background)
    {
        if (terms is [{ Weight: > 0 } only])
        {
            return only.Embedding;
        }

        var space = terms[0].Embedding.Space;
        var sum = new float[space.Dimensions];
        double[] deviations = [.. terms.Select(t => background.Measure(t.Embedding.Values)?.Deviation ?? 1)];
        var widest = deviations.Max();
        for (var i = 0; i < terms.Count; i++)
        {
            TensorPrimitives.MultiplyAdd(terms[i].Embedding.Values, (float)(terms[i].Weight * widest / deviations[i]), sum, sum);
        }

        return TensorPrimitives.Norm<float>(sum) > 1e-4
            ? Embedding.Normalize(space, sum)
            : throw new ArgumentException("The terms of the query cancel each other.");
    }

    /// <summary>Spherical interpolation from a direction towards the difference of two texts (unCLIP, section 3.3).</summary>
    /// <param name="amount">0: as it is; 1: the difference alone.</param>
    /// <exception cref="ArgumentException">The texts do not differ.</exception>
    internal static Embedding Shift(Embedding start, Embedding to, Embedding from, float amount)
    {
        var difference = new float[start.Space.Dimensions];
        TensorPrimitives.Subtract(to.Values, from.Values, difference);
        if (TensorPrimitives.Norm<float>(difference) < 1e-4)
        {
            throw new ArgumentException("The two texts mean the same; there is no difference to go towards.");
        }

        var towards = Embedding.Normalize(start.Space, difference);
        var angle = Math.Acos(Math.Clamp(start.Similarity(towards), -1, 1));
        if (Math.Sin(angle) < 1e-4)
        {
            return start;
        }

        var turned = new float[difference.Length];
        TensorPrimitives.MultiplyAdd(start.Values, (float)(Math.Sin((1 - amount) * angle) / Math.Sin(angle)), turned, turned);
        TensorPrimitives.MultiplyAdd(towards.Values, (float)(Math.Sin(amount * angle) / Math.Sin(angle)), turned, turned);
        return Embedding.Normalize(start.Space, turned);
    }
}
