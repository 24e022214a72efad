using System.Numerics.Tensors;

namespace Sightline.Search;

/// <summary>A label's direction from all its sentences: normalise, average, normalise (CLIP, arXiv 2103.00020, section 3.1.4).</summary>
internal static class PromptEnsemble
{
    /// <param name="template">With <c>{}</c> for the prompt.</param>
    internal static string Fill(string template, string prompt) => template.Replace("{}", prompt, StringComparison.Ordinal);

    /// <param name="embeddings">Of unit length, one at least.</param>
    /// <returns>Of unit length.</returns>
    /// <exception cref="ArgumentException">They cancel each other out.</exception>
    internal static float[] Average(IEnumerable<float[]> embeddings)
    {
        float[]? sum = null;
        foreach (var embedding in embeddings)
        {
            sum ??= new float[embedding.Length];
            TensorPrimitives.Add(sum, embedding, sum);
        }

        var length = TensorPrimitives.Norm(sum ?? throw new ArgumentException("There is no sentence.", nameof(embeddings)));
        if (!(length > 0))
        {
            throw new ArgumentException($"Sentences whose embeddings add up to the length {length} have no direction.", nameof(embeddings));
        }

        TensorPrimitives.Divide(sum, length, sum);
        return sum;
    }
}
