using Sightline.Models;
using Sightline.Search;
using Sightline.Training.Data;

namespace Sightline.Training.Evaluation;

/// <param name="Queries"><c>captions</c>, or <c>classes</c> where the data have no captions.</param>
/// <param name="Language">Of the captions; empty: any.</param>
public sealed record UnmatchedReport(string Model, string DataDigest, string Queries, string Language, UnmatchedFigures Figures);

/// <summary>
/// Unmatched detection: some pictures are held out, the others are the collection; what both show are the queries, so that the two kinds
/// differ in nothing but whether their picture is there. Captioned pictures are held out one by one, by a hash of their keys, and their captions
/// ask for them: hard where other pictures show much the same. Pictures with classes alone are held out class by class, by a hash of the
/// classes' names, which ask for them in the sentences of tagging.
/// </summary>
public static class UnmatchedEvaluation
{
    /// <param name="share">Of the pictures or classes that are held out, above 0 and below 1.</param>
    /// <param name="language">Only captions of this language; null: all.</param>
    /// <exception cref="ArgumentException">There are too few pictures or queries.</exception>
    public static async Task<UnmatchedReport> RunAsync(
        IEmbedder embedder, EvaluationData data, double share, string? language, IProgress<EvaluationProgress>? progress,
        CancellationToken cancellationToken)
    {
        var pictures = data.Pictures;
        var hasCaptions = Enumerable.Range(0, pictures.Count).Any(i => pictures[i].Captions.Count > 0);
        var (collection, matched, unmatched) = hasCaptions ? ByCaption(pictures, share, language) : ByClass(pictures, share);
        var images = await embedder.EmbedImagesAsync(pictures, collection, null, "pictures", progress, cancellationToken);
        return new UnmatchedReport(
            embedder.Space.Model, data.Digest, hasCaptions ? "captions" : "classes", language ?? "", UnmatchedFigures.Compute(
                images, embedder.EmbedTexts(matched, "matched queries", progress, cancellationToken),
                embedder.EmbedTexts(unmatched, "unmatched queries", progress, cancellationToken), embedder.Space.Dimensions));
    }

    private static (int[] Collection, string[] Matched, string[] Unmatched) ByCaption(ITrainingData pictures, double share, string? language)
    {
        var (collection, heldOut) = DataSplit.Of(pictures, Enumerable.Range(0, pictures.Count), HeldOut.Unmatched, share);
        return (collection, CaptionsOf(collection), CaptionsOf(heldOut));

        string[] CaptionsOf(int[] indices) =>
            [.. indices.SelectMany(i => pictures[i].Captions).Where(c => language is null || c.Language == language).Select(c => c.Text)];
    }

    private static (int[] Collection, string[] Matched, string[] Unmatched) ByClass(ITrainingData pictures, double share)
    {
        var count = (int)Math.Round(share * pictures.Labels.Count);
        var heldOut = pictures.Labels.OrderBy(l => DataSplit.Place(l, HeldOut.Unmatched)).Take(count).ToHashSet();
        int[] collection =
            [.. Enumerable.Range(0, pictures.Count).Where(i => pictures[i].Label >= 0 && !heldOut.Contains(pictures.Labels[pictures[i].Label]))];
        return (collection, QueriesOf(pictures.Labels.Where(l => !heldOut.Contains(l))), QueriesOf(heldOut));

        static string[] QueriesOf(IEnumerable<string> labels) =>
            [.. labels.SelectMany(l => LabelSet.DefaultTemplates.Select(t => PromptEnsemble.Fill(t, l)))];
    }
}
