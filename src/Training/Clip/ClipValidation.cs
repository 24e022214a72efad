using Sightline.Training.Data;
using Sightline.Training.Evaluation;
using Sightline.Training.Steps;

namespace Sightline.Training.Clip;

/// <summary>
/// How well a CLIP does on pictures that it was not trained on: retrieval both ways among the pictures that have captions of a language,
/// for each language, and zero-shot classification where there are labels. Every picture and every caption is embedded once.
/// </summary>
internal sealed class ClipValidation
{
    private const int ImageBatch = 128;
    private const int TextBatch = 512;

    // A class is the mean of these (models of CLIP's paper read its name within a sentence).
    private static readonly string[] Templates = ["{}", "a photo of a {}."];

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
        var byLanguage = Samples.SelectMany((s, i) => s.Captions.Select(c => (Image: i, c.Text, c.Language)))
            .GroupBy(c => c.Language).OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
        foreach (var captions in byLanguage)
        {
            AddRetrieval(
                figures, captions.Key, [.. captions.Select(c => (c.Image, c.Text))], images, embedTexts, dimensions, cancellationToken);
        }

        foreach (var name in byLanguage.Count == 0 ? [] : RetrievalNames)
        {
            figures[name] = byLanguage.Average(g => figures[NameOf(name, g.Key)]);
        }

        if (Samples.Any(s => s.Label >= 0))
        {
            figures["accuracy"] = Accuracy(images, embedTexts, dimensions, cancellationToken);
        }

        return new ValidationResult(figures, figures[byLanguage.Count > 0 ? TextToImageAt10 : "accuracy"]);
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

    private static void AddRetrieval(
        SortedDictionary<string, double> figures, string language, List<(int Image, string Text)> captions, float[] allImages,
        Func<IReadOnlyList<string>, float[]> embedTexts, int dimensions, CancellationToken cancellationToken)
    {
        int[] pictures = [.. captions.Select(c => c.Image).Distinct()];
        var places = pictures.Index().ToDictionary(p => p.Item, p => p.Index);
        var images = new float[(long)pictures.Length * dimensions];
        for (var i = 0; i < pictures.Length; i++)
        {
            allImages.AsSpan(pictures[i] * dimensions, dimensions).CopyTo(images.AsSpan(i * dimensions));
        }

        var texts = EmbedTexts(captions.ConvertAll(c => c.Text), embedTexts, cancellationToken);
        var found = RetrievalFigures.Compute(images, texts, [.. captions.Select(c => places[c.Image])], dimensions);
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

    // A labelled picture looks for its class among all, as a caption does for its picture.
    private double Accuracy(
        float[] allImages, Func<IReadOnlyList<string>, float[]> embedTexts, int dimensions, CancellationToken cancellationToken)
    {
        var texts = EmbedTexts(
            [.. _data.Labels.SelectMany(label => Templates.Select(t => t.Replace("{}", label, StringComparison.Ordinal)))], embedTexts,
            cancellationToken);
        var classes = new float[_data.Labels.Count * dimensions];
        for (var i = 0; i < texts.Length; i++)
        {
            classes[i / dimensions / Templates.Length * dimensions + i % dimensions] += texts[i];
        }

        for (var at = 0; at < classes.Length; at += dimensions)
        {
            var mean = classes.AsSpan(at, dimensions);
            System.Numerics.Tensors.TensorPrimitives.Divide(mean, System.Numerics.Tensors.TensorPrimitives.Norm<float>(mean), mean);
        }

        int[] labelled = [.. Enumerable.Range(0, _data.Count).Where(i => _data[i].Label >= 0)];
        float[] images = [.. labelled.SelectMany(i => allImages.AsSpan(i * dimensions, dimensions).ToArray())];
        return RetrievalFigures.Compute(classes, images, [.. labelled.Select(i => _data[i].Label)], dimensions).TextToImage.RecallAt1;
    }
}
