using Sightline.Search;
using Sightline.Training.Data;
using Sightline.Training.Evaluation;
using Sightline.Training.Steps;

namespace Sightline.Training.Clip;

/// <summary>
/// How well a CLIP does on pictures that it was not trained on, by the figures of <c>sightline eval</c>: retrieval both ways for each
/// language, among all pictures, and zero-shot classification where there are labels. Every picture and every caption is embedded once.
/// </summary>
internal sealed class ClipValidation
{
    private const int ImageBatch = 128;
    private const int TextBatch = 512;

    private readonly ITrainingData _data;

    /// <exception cref="TrainingConfigException">Nothing in the data can be measured.</exception>
    internal ClipValidation(ITrainingData data)
    {
        _data = data;
        if (!Samples.Any(s => s.Captions.Count > 0 || s.Label >= 0))
        {
            throw new TrainingConfigException("The validation data has neither captions nor labels: nothing to measure a CLIP by.");
        }
    }

    private IEnumerable<TrainingSample> Samples => Enumerable.Range(0, _data.Count).Select(i => _data[i]);

    /// <param name="embedImages">[N, 3, S, S] bytes to unit rows.</param>
    /// <param name="embedTexts">Captions to unit rows.</param>
    internal ValidationResult Measure(
        Func<byte[], int, float[]> embedImages, Func<IReadOnlyList<string>, float[]> embedTexts, int dimensions,
        CancellationToken cancellationToken)
    {
        var images = EmbedImages(embedImages, dimensions, cancellationToken);
        var figures = new SortedDictionary<string, double>(StringComparer.Ordinal);
        var captions = new CaptionedPictures(_data);
        var texts = EmbedTexts(captions.Texts, embedTexts, cancellationToken);
        foreach (var (language, rows) in captions.Languages)
        {
            AddRetrieval(figures, language, captions.Measure(images, texts, rows, dimensions));
        }

        foreach (var name in captions.Languages.Count == 0 ? [] : RetrievalNames)
        {
            figures[name] = captions.Languages.Average(l => figures[NameOf(name, l.Language)]);
        }

        if (Samples.Any(s => s.Label >= 0))
        {
            figures["accuracy"] = Accuracy(images, embedTexts, dimensions, cancellationToken);
        }

        return new ValidationResult(figures, figures[captions.Languages.Count > 0 ? TextToImageAt10 : "accuracy"]);
    }

    /// <summary>By which models are compared; the same for one language with its code after an underscore.</summary>
    internal const string TextToImageAt10 = "text_to_image_recall_at_10";

    private static readonly string[] RetrievalNames =
    [
        "text_to_image_recall_at_1", "text_to_image_recall_at_5", TextToImageAt10, "image_to_text_recall_at_1", "image_to_text_recall_at_5",
        "image_to_text_recall_at_10",
    ];

    /// <summary>Of one language's figure; a caption whose language is not known counts as <c>und</c> (ISO 639-2).</summary>
    internal static string NameOf(string figure, string language) => $"{figure}_{(language.Length == 0 ? "und" : language)}";

    private float[] EmbedImages(Func<byte[], int, float[]> embed, int dimensions, CancellationToken cancellationToken)
    {
        var images = new float[(long)_data.Count * dimensions];
        var bytes = 3 * _data.Side * _data.Side;
        for (var first = 0; first < _data.Count; first += ImageBatch)
        {
            var count = Math.Min(ImageBatch, _data.Count - first);
            var pixels = new byte[count * bytes];
            Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellationToken }, i =>
                _data.ReadPixels(first + i, pixels.AsSpan(i * bytes, bytes)));
            embed(pixels, count).CopyTo(images, (long)first * dimensions);
        }

        return images;
    }

    private static float[] EmbedTexts(
        IReadOnlyList<string> texts, Func<IReadOnlyList<string>, float[]> embed, CancellationToken cancellationToken)
    {
        var rows = new List<float[]>();
        for (var first = 0; first < texts.Count; first += TextBatch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            rows.Add(embed([.. texts.Skip(first).Take(TextBatch)]));
        }

        return [.. rows.SelectMany(r => r)];
    }

    private static void AddRetrieval(SortedDictionary<string, double> figures, string language, RetrievalFigures found)
    {
        double[] values =
        [
            found.TextToImage.RecallAt1, found.TextToImage.RecallAt5, found.TextToImage.RecallAt10, found.ImageToText.RecallAt1,
            found.ImageToText.RecallAt5, found.ImageToText.RecallAt10,
        ];
        foreach (var (name, value) in RetrievalNames.Zip(values))
        {
            figures[NameOf(name, language)] = value;
        }
    }

    private double Accuracy(
        float[] allImages, Func<IReadOnlyList<string>, float[]> embedTexts, int dimensions, CancellationToken cancellationToken)
    {
        var sentences = EmbedTexts(
            ZeroShotClasses.Sentences(_data.Labels, LabelSet.DefaultTemplates), embedTexts, cancellationToken);
        if (!sentences.All(float.IsFinite))
        {
            // A model that has diverged has no classes, and no score.
            return double.NaN;
        }

        var classes = ZeroShotClasses.Average(sentences, LabelSet.DefaultTemplates.Count, dimensions);
        int[] labelled = [.. Enumerable.Range(0, _data.Count).Where(i => _data[i].Label >= 0)];
        float[] images = [.. labelled.SelectMany(i => allImages.AsSpan(i * dimensions, dimensions).ToArray())];
        return new ClassRanking(images, [.. labelled.Select(i => _data[i].Label)], classes, dimensions).Figures.Top1.Share;
    }
}
