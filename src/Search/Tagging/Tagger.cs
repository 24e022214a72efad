using System.Collections.Concurrent;
using System.Numerics.Tensors;
using Sightline.Models;

namespace Sightline.Search;

/// <summary>Makes classifiers of label sets and runs them over the collection. Thread-safe.</summary>
public sealed class Tagger
{
    private const int BatchSize = 2_000;
    private const int TextBatch = 64;
    private const int MostTexts = 20_000;

    private static readonly string[] WrittenTemplates = ["the word \"{}\"", "text that says \"{}\"", "a sign that reads {}"];

    private readonly Catalog _catalog;
    private readonly SpaceIndexes _indexes;
    private readonly IEmbedder _embedder;
    private readonly DeviceQueue _device;
    private readonly ConcurrentDictionary<string, float[]> _texts = new();

    internal Tagger(Catalog catalog, SpaceIndexes indexes, IEmbedder embedder, DeviceQueue device)
    {
        _catalog = catalog;
        _indexes = indexes;
        _embedder = embedder;
        _device = device;
    }

    /// <summary>Embeds the labels, each by all its prompts in all templates: normalise, average, normalise (CLIP, section 3.1.4).</summary>
    /// <exception cref="ArgumentException">The set cannot be.</exception>
    public async Task<LabelClassifier> PrepareAsync(LabelSet set, CancellationToken cancellationToken)
    {
        var calibration = await _catalog.FindTagCalibrationAsync(_embedder.Space, cancellationToken) ?? TagCalibration.Default;
        return await PrepareAsync(set, calibration, cancellationToken);
    }

    /// <summary>
    /// Goes through the whole index and makes its suggestions from a label set what the threshold says: new tags come, those below are
    /// withdrawn, what people have said stays. Run again, or cut short and run again, it comes to the same.
    /// </summary>
    /// <exception cref="ArgumentException">There is no such set, or the threshold is out of range.</exception>
    public async Task TagCollectionAsync(TagRequest request, TagProgress progress, CancellationToken cancellationToken)
    {
        if (request.Threshold is not (>= 0 and <= 1))
        {
            throw new ArgumentException($"The threshold {request.Threshold} is not in 0 to 1.");
        }

        var set = await _catalog.FindLabelSetAsync(request.LabelSet, cancellationToken)
            ?? throw new ArgumentException($"There is no label set {request.LabelSet}.");
        var classifier = await PrepareAsync(set, cancellationToken);
        progress.Withdraw(await _catalog.WithdrawOtherLabelsAsync(set.Name, [.. set.Labels.Select(l => l.Name)], cancellationToken));
        var index = _indexes.Open(_embedder.Space);
        var images = index.Vectors.Images();
        progress.Begin(images.Length);
        foreach (var batch in images.Chunk(BatchSize))
        {
            var suggestions = new ConcurrentBag<TagSuggestion>();
            Parallel.ForEach(batch, new ParallelOptions { CancellationToken = cancellationToken }, image =>
            {
                foreach (var suggestion in index.Find(image) is { } vector ? Suggest(image, classifier.Classify(vector), request.Threshold) : [])
                {
                    suggestions.Add(suggestion);
                }
            });
            var (suggested, withdrawn) = await _catalog.ReplaceSuggestionsAsync(
                _embedder.Space, set.Name, batch, [.. suggestions.OrderBy(s => s.Image.Value)], cancellationToken);
            progress.Add(batch.Length, suggested, withdrawn);
        }
    }

    /// <summary>Fits the space's constants to pictures whose label is known and keeps them.</summary>
    /// <param name="pictures">Each picture's embedding, and its label; null: none of the set's.</param>
    public async Task<TagCalibration> CalibrateAsync(
        LabelSet set, IReadOnlyList<(Embedding Picture, string? Label)> pictures, string fittedOn, CancellationToken cancellationToken)
    {
        var classifier = await PrepareAsync(set, TagCalibration.Default, ScoreBackground.Of([.. pictures.Select(p => p.Picture.Values.ToArray())]), cancellationToken);
        var numbers = set.Labels.Index().ToDictionary(l => l.Item.Name, l => l.Index, StringComparer.OrdinalIgnoreCase);
        var calibration = TagCalibration.Fit(
            [.. pictures.Select(p => (classifier.Likenesses(p.Picture.Values), p.Label is null ? -1 : numbers[p.Label]))], fittedOn);
        await _catalog.SaveTagCalibrationAsync(_embedder.Space, calibration, cancellationToken);
        return calibration;
    }

    /// <summary>A classifier measured against these pictures rather than the collection.</summary>
    public async Task<LabelClassifier> PrepareAmongAsync(LabelSet set, IReadOnlyList<Embedding> pictures, CancellationToken cancellationToken) =>
        await PrepareAsync(
            set, await _catalog.FindTagCalibrationAsync(_embedder.Space, cancellationToken) ?? TagCalibration.Default,
            ScoreBackground.Of([.. pictures.Select(p => p.Values.ToArray())]), cancellationToken);

    private async Task<LabelClassifier> PrepareAsync(LabelSet set, TagCalibration calibration, CancellationToken cancellationToken)
    {
        var index = _indexes.Open(_embedder.Space);
        await index.Loaded.WaitAsync(cancellationToken);
        return await PrepareAsync(set, calibration, index.Background, cancellationToken);
    }

    private async Task<LabelClassifier> PrepareAsync(
        LabelSet set, TagCalibration calibration, ScoreBackground background, CancellationToken cancellationToken)
    {
        set.Check();

        // All at once, so that the device has whole batches.
        await EmbedAsync(
            [.. set.Labels.SelectMany(l => l.Prompts.SelectMany(p => set.Templates.Select(t => Fill(t, p))).Concat(WrittenTemplates.Select(t => Fill(t, l.Name))))],
            cancellationToken);
        var labels = new List<float[]>();
        var written = new List<float[]>();
        foreach (var label in set.Labels)
        {
            labels.Add(await AverageAsync([.. label.Prompts.SelectMany(p => set.Templates.Select(t => Fill(t, p)))], cancellationToken));
            written.Add(await AverageAsync([.. WrittenTemplates.Select(t => Fill(t, label.Name))], cancellationToken));
        }

        var neutral = await EmbedAsync(NeutralTexts.All, cancellationToken);
        return new LabelClassifier(set, _embedder.Space, [.. labels], [.. written], neutral, background, calibration);
    }

    private static IEnumerable<TagSuggestion> Suggest(ImageId image, Classification found, double threshold) =>
        from label in found.Labels
        let least = label.Label.Threshold ?? threshold
        where label.Probability >= least
        select new TagSuggestion(image, label.Label.Name, label.Probability, least, label.Typographic);

    private static string Fill(string template, string prompt) => template.Replace("{}", prompt, StringComparison.Ordinal);

    private async Task<float[]> AverageAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var sum = new float[_embedder.Space.Dimensions];
        foreach (var vector in await EmbedAsync(texts, cancellationToken))
        {
            TensorPrimitives.Add(sum, vector, sum);
        }

        return Embedding.Normalize(_embedder.Space, sum).Values.ToArray();
    }

    private async Task<float[][]> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        if (_texts.Count > MostTexts)
        {
            _texts.Clear();
        }

        foreach (var batch in texts.Where(t => !_texts.ContainsKey(t)).Distinct().Chunk(TextBatch))
        {
            var embedded = await _device.RunAsync(
                DevicePriority.Interactive, () => _embedder.EmbedTexts(batch, cancellationToken), cancellationToken);
            for (var i = 0; i < batch.Length; i++)
            {
                _texts[batch[i]] = embedded[i].Values.ToArray();
            }
        }

        // Another call may have cleared it; then the text is embedded again below.
        var vectors = new float[texts.Count][];
        for (var i = 0; i < vectors.Length; i++)
        {
            var text = texts[i];
            vectors[i] = _texts.TryGetValue(text, out var known) ? known
                : (await _device.RunAsync(DevicePriority.Interactive, () => _embedder.EmbedTexts([text], cancellationToken), cancellationToken))[0].Values.ToArray();
        }

        return vectors;
    }
}
