using System.Numerics.Tensors;

namespace Sightline.Training.Evaluation;

/// <summary>Scores by which rankings are made.</summary>
internal static class Similarities
{
    /// <summary>Dot products of one row with all rows of a matrix. One that is no number is the lowest: a model that has diverged finds what
    /// chance finds.</summary>
    /// <param name="query">E numbers.</param>
    /// <param name="rows">[N, E] row by row.</param>
    internal static float[] Of(ReadOnlySpan<float> query, float[] rows)
    {
        var scores = new float[rows.Length / query.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            var score = TensorPrimitives.Dot(query, rows.AsSpan(i * query.Length, query.Length));
            scores[i] = float.IsNaN(score) ? float.NegativeInfinity : score;
        }

        return scores;
    }
}
