using Sightline.Models;
using Sightline.Search;

namespace Sightline.Training.Evaluation;

/// <param name="Name">What was done to the pictures.</param>
public sealed record ZeroShotVariant(string Name, ClassificationFigures Figures);

/// <param name="Model">That was judged.</param>
/// <param name="DataDigest">Of the pictures, before some were left out.</param>
/// <param name="Pictures">With a class.</param>
/// <param name="Unlabelled">Pictures left out because they have none.</param>
/// <param name="Variants">The same pictures as they are and made slightly worse.</param>
/// <param name="Classes">Of the pictures as they are, the worst first.</param>
public sealed record ZeroShotReport(
    string Model, string DataDigest, int Pictures, int Unlabelled, IReadOnlyList<string> Templates, IReadOnlyList<ZeroShotVariant> Variants,
    IReadOnlyList<ClassFigures> Classes);

/// <summary>Zero-shot classification: each class is the mean of its name in several sentences (arXiv 2103.00020, section 3.1).</summary>
public static class ZeroShotEvaluation
{
    /// <param name="templates">Sentences with <c>{}</c> for the name of the class; those of tagging where null.</param>
    /// <param name="share">Of the pictures, 0 to 1: those that a hash of their keys chooses; 1: all.</param>
    /// <exception cref="ArgumentException">The data have fewer than two classes, or no picture with a class.</exception>
    public static async Task<ZeroShotReport> RunAsync(
        IEmbedder embedder, EvaluationData data, IReadOnlyList<string>? templates, double share, IProgress<EvaluationProgress>? progress,
        CancellationToken cancellationToken)
    {
        var pictures = data.Pictures;
        templates ??= LabelSet.DefaultTemplates;
        int[] chosen = [.. Enumerable.Range(0, pictures.Count).Where(i => DataSplit.IsHeldOut(pictures[i].Key, HeldOut.Test, share))];
        int[] labelled = [.. chosen.Where(i => pictures[i].Label >= 0)];
        if (pictures.Labels.Count < 2 || labelled.Length == 0)
        {
            throw new ArgumentException($"The data have {pictures.Labels.Count} classes and {labelled.Length} pictures of a class: there is nothing to tell apart.");
        }

        new LabelSet("classes", [.. pictures.Labels.Select(l => new Label(l, [l]))], templates).Check();
        var sentences = embedder.EmbedTexts(ZeroShotClasses.Sentences(pictures.Labels, templates), "sentences", progress, cancellationToken);
        var classes = ZeroShotClasses.Average(sentences, templates.Count, embedder.Space.Dimensions);
        int[] labels = [.. labelled.Select(i => pictures[i].Label)];
        var variants = new List<(string Name, ClassRanking Ranking)>();
        foreach (var variant in PictureVariant.All)
        {
            var images = await embedder.EmbedImagesAsync(
                pictures, labelled, variant.Change, $"pictures {variant.Name}", progress, cancellationToken);
            variants.Add((variant.Name, new ClassRanking(images, labels, classes, embedder.Space.Dimensions)));
        }

        return new ZeroShotReport(
            embedder.Space.Model, data.Digest, labelled.Length, chosen.Length - labelled.Length, templates,
            [.. variants.Select(v => new ZeroShotVariant(v.Name, v.Ranking.Figures))], variants[0].Ranking.Classes(pictures.Labels));
    }
}

/// <summary>Names of the splits by hash.</summary>
internal static class HeldOut
{
    internal const string Test = "test";
    internal const string Validation = "validation";
    internal const string Unmatched = "unmatched";
}
