using Sightline.Models;

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
        var captions = new CaptionedPictures(pictures);
        if (captions.Languages.Count == 0)
        {
            throw new ArgumentException("No picture of the data has a caption.");
        }

        var images = await embedder.EmbedImagesAsync(
            pictures, [.. Enumerable.Range(0, pictures.Count)], null, "pictures", progress, cancellationToken);
        var texts = embedder.EmbedTexts(captions.Texts, "captions", progress, cancellationToken);
        var languages = captions.Languages.Select(l => Measure(l.Language, l.Rows)).ToList();
        if (languages.Count > 1)
        {
            languages.Add(Measure("all", null));
        }

        return new RetrievalReport(embedder.Space.Model, data.Digest, pictures.Count, pictures.Count - captions.Captioned, languages);

        LanguageRetrieval Measure(string language, int[]? rows) =>
            new(language, captions.Measure(images, texts, rows, embedder.Space.Dimensions));
    }
}
