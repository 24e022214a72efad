using Sightline.Search;

namespace Sightline.Training.Evaluation;

/// <summary>Classes as a CLIP sees them: each the mean of its name in several sentences (arXiv 2103.00020, section 3.1).</summary>
internal static class ZeroShotClasses
{
    /// <param name="templates">With <c>{}</c> for the name of the class.</param>
    /// <returns>Those of the first class, then those of the second, and so on.</returns>
    internal static string[] Sentences(IReadOnlyList<string> labels, IReadOnlyList<string> templates) =>
        [.. labels.SelectMany(l => templates.Select(t => PromptEnsemble.Fill(t, l)))];

    /// <param name="sentences">[K x T, E] row by row, of unit length.</param>
    /// <param name="templates">T.</param>
    /// <param name="dimensions">E.</param>
    /// <returns>[K, E] row by row, of unit length.</returns>
    /// <exception cref="ArgumentException">The sentences of a class cancel each other out, or are not finite.</exception>
    internal static float[] Average(float[] sentences, int templates, int dimensions) =>
        [.. sentences.Chunk(dimensions).Chunk(templates).SelectMany(PromptEnsemble.Average)];
}
