using Sightline.Models;

namespace Sightline.Training.Evaluation;

/// <param name="Language">Of the queries; empty: any.</param>
public sealed record UnmatchedReport(string Model, string DataDigest, string Language, UnmatchedFigures Figures);

/// <summary>
/// Unmatched detection on captioned pictures: some are held out by a hash of their keys, the others are the collection; the captions of
/// both are the queries, so that the two kinds differ in nothing but whether their picture is there.
/// </summary>
public static class UnmatchedEvaluation
{
    /// <param name="share">Of the pictures that are held out, above 0 and below 1.</param>
    /// <param name="language">Only captions of this language; null: all.</param>
    /// <exception cref="ArgumentException">There are too few pictures or captions.</exception>
    public static async Task<UnmatchedReport> RunAsync(
        IEmbedder embedder, EvaluationData data, double share, string? language, IProgress<EvaluationProgress>? progress,
        CancellationToken cancellationToken)
    {
        var pictures = data.Pictures;
        var (collection, heldOut) = DataSplit.Of(pictures, Enumerable.Range(0, pictures.Count), HeldOut.Unmatched, share);
        var images = await embedder.EmbedImagesAsync(pictures, collection, null, "pictures", progress, cancellationToken);
        var matched = embedder.EmbedTexts(CaptionsOf(collection), "matched queries", progress, cancellationToken);
        var unmatched = embedder.EmbedTexts(CaptionsOf(heldOut), "unmatched queries", progress, cancellationToken);
        return new UnmatchedReport(
            embedder.Space.Model, data.Digest, language ?? "", UnmatchedFigures.Compute(images, matched, unmatched, embedder.Space.Dimensions));

        string[] CaptionsOf(int[] indices) =>
            [.. indices.SelectMany(i => pictures[i].Captions).Where(c => language is null || c.Language == language).Select(c => c.Text)];
    }
}
