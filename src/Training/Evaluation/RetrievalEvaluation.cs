using Sightline.Models;
using Sightline.Training.Data;

namespace Sightline.Training.Evaluation;

/// <param name="Language">A code such as <c>en</c>; empty where the data do not say, <c>all</c> for all captions together.</param>
public sealed record LanguageRetrieval(string Language, RetrievalFigures Figures);

/// <param name="Model">That was judged.</param>
/// <param name="DataDigest">Of the pictures.</param>
/// <param name="Uncaptioned">Pictures that have no caption at all: searched among, but looked for by nothing.</param>
/// <param name="Languages">By the number of captions, then all together where there are several.</param>
public sealed record RetrievalReport(
    string Model, string DataDigest, int Pictures, int Uncaptioned, IReadOnlyList<LanguageRetrieval> Languages);

/// <summary>Retrieval of pictures by their captions and back, in each language: every language searches among all pictures.</summary>
public static class RetrievalEvaluation
{
    /// <exception cref="ArgumentException">No picture has a caption.</exception>
    public static async Task<RetrievalReport> RunAsync(
        IEmbedder embedder, EvaluationData data, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        var pictures = data.Pictures;
        (TrainingCaption Caption, int Owner)[] captions =
            [.. Enumerable.Range(0, pictures.Count).SelectMany(i => pictures[i].Captions.Select(c => (c, i)))];
        if (captions.Length == 0)
        {
            throw new ArgumentException("No picture of the data has a caption.");
        }

        var images = await embedder.EmbedImagesAsync(
            pictures, [.. Enumerable.Range(0, pictures.Count)], null, "pictures", progress, cancellationToken);
        var texts = embedder.EmbedTexts([.. captions.Select(c => c.Caption.Text)], "captions", progress, cancellationToken);
        var languages = captions.Index().GroupBy(c => c.Item.Caption.Language, c => c.Index)
            .Select(g => (Language: g.Key, Rows: g.ToArray())).OrderByDescending(l => l.Rows.Length).ThenBy(l => l.Language, StringComparer.Ordinal).ToList();
        if (languages.Count > 1)
        {
            languages.Add(("all", [.. Enumerable.Range(0, captions.Length)]));
        }

        var dimensions = embedder.Space.Dimensions;
        return new RetrievalReport(
            embedder.Space.Model, data.Digest, pictures.Count, pictures.Count - captions.DistinctBy(c => c.Owner).Count(),
            [.. languages.Select(l => new LanguageRetrieval(l.Language, RetrievalFigures.Compute(
                images, [.. l.Rows.SelectMany(r => texts[(r * dimensions)..((r + 1) * dimensions)])], [.. l.Rows.Select(r => captions[r].Owner)],
                dimensions)))]);
    }
}
