using Sightline.Models;
using Sightline.Search;

namespace Sightline.Indexer.Measure;

/// <summary>
/// How probable it is that a picture is mostly written text: zero-shot (Radford et al., "Learning Transferable Visual Models From Natural
/// Language Supervision", 2021, section 3.1) between fixed prompts and "none of these", by the tagging's calibrated softmax
/// (<see cref="TagCalibration"/>). It is measured against everyday texts only and not against the dataset, so that a picture's number does
/// not depend on the pictures around it; that makes it cautious. A model can judge only what it was trained on: the bundled one has seen
/// hardly any writing, and tells drawn pages from photos little better than chance (AUC 0.58 on 30 and 52).
/// </summary>
internal sealed class TextLikeness
{
    private static readonly LabelSet Prompts = new(
        "text in images",
        [
            new Label(
                "written text",
                [
                    "a page of printed text", "a scanned document", "a screenshot of text", "a poster full of words", "a slide with text", "handwriting on paper",
                    "a sign with words on it", "a quote in large letters",
                ]),
        ],
        ["{}", "a picture of {}", "an image of {}."]);

    private readonly LabelClassifier _classifier;

    private TextLikeness(LabelClassifier classifier) => _classifier = classifier;

    /// <exception cref="Models.Weights.ModelFormatException">The model has no vocabulary.</exception>
    internal static async Task<TextLikeness> PrepareAsync(Tagger tagger, CancellationToken cancellationToken) =>
        new(await tagger.PrepareAmongAsync(Prompts, [], cancellationToken));

    /// <returns>0 to 1.</returns>
    internal double Of(Embedding picture) => _classifier.Classify(picture).Labels[0].Probability;
}
