using System.Collections.Concurrent;
using Sightline.Models;

namespace Sightline.Search;

/// <summary>Makes classifiers of label sets and runs them over the collection. Thread-safe.</summary>
public sealed class Tagger
{
    private const int BatchSize = 2_000;

    private static readonly string[] WrittenTemplates = ["the word \"{}\"", "text that says \"{}\"", "a sign that reads {}"];

    private readonly Catalog _catalog;
    private readonly SpaceIndexes _indexes;
    private readonly IEmbedder _embedder;
    private readonly FilterResults _filters;
    private readonly TextEmbeddings _texts;

    internal Tagger(Catalog catalog, SpaceIndexes indexes, IEmbedder embedder, DeviceQueue device)
    {
        _catalog = catalog;
        _indexes = indexes;
        _embedder = embedder;
        _filters = new FilterResults(catalog);
        _texts = new TextEmbeddings(embedder, device);
    }

    /// <summary>Embeds the labels, each by all its prompts in all templates: normalise, average, normalise (CLIP, section 3.1.4).</summary>
    /// <exception cref="ArgumentException">The set cannot be, or has too many texts for somebody to wait for.</exception>
    public async Task<LabelClassifier> PrepareAsync(LabelSet set, CancellationToken cancellationToken)
    {
        if (set.TextCount > LabelSet.MaxTextsAtOnce)
        {
            throw new ArgumentException(
                $"Labels times prompts times templates is {set.TextCount} texts, more than {LabelSet.MaxTextsAtOnce}: a job can tag by such a set.");
        }

        return await PrepareAsync(set, DevicePriority.Interactive, cancellationToken);
    }

    /// <summary>
    /// Goes through the index and makes its suggestions from a label set what the threshold says: new tags come, those below are
    /// withdrawn, what people have said stays. Run again, or cut short and run again, it comes to the same.
    /// </summary>
    /// <param name="job">The job that does it, kept with the tags.</param>
    /// <exception cref="ArgumentException">There is no such set, or the threshold or the filter cannot be.</exception>
    public async Task TagCollectionAsync(TagRequest request, JobId? job, TagProgress progress, CancellationToken cancellationToken)
    {
        request.Check();
        var set = await _catalog.FindLabelSetAsync(request.LabelSet, cancellationToken)
            ?? throw new ArgumentException($"There is no label set {request.LabelSet}.");
        var classifier = await PrepareAsync(set, DevicePriority.Bulk, cancellationToken);
        progress.Withdraw(await _catalog.WithdrawOtherLabelsAsync(set.Name, [.. set.Labels.Select(l => l.Name)], cancellationToken));
        var index = _indexes.Open(_embedder.Space);
        var images = index.Vectors.Images();
        if (request.Filter is { } filter)
        {
            var allowed = await _filters.EvaluateAsync(FilterJson.Parse(filter), index.Facts, cancellationToken);
            images = [.. images.Where(i => allowed.Contains(i.Value))];
        }

        progress.Begin(images.Length);
        foreach (var batch in images.Chunk(BatchSize))
        {
            var suggestions = new ConcurrentBag<TagSuggestion>();
            Parallel.ForEach(batch, Cores.Options(cancellationToken), image =>
            {
                foreach (var label in index.Find(image) is { } vector ? classifier.Suggest(vector, request.Threshold) : [])
                {
                    suggestions.Add(new TagSuggestion(
                        image, label.Label.Name, label.Probability, label.Label.Threshold ?? request.Threshold, label.Typographic));
                }
            });
            var (suggested, withdrawn) = await _catalog.ReplaceSuggestionsAsync(
                _embedder.Space, set.Name, job, batch, [.. suggestions.OrderBy(s => s.Image.Value)], cancellationToken);
            progress.Add(batch.Length, suggested, withdrawn);
        }
    }

    /// <summary>Fits the space's constants to pictures whose label is known and keeps them.</summary>
    /// <param name="pictures">Each picture's embedding, and its label; null: none of the set's.</param>
    public async Task<TagCalibration> CalibrateAsync(
        LabelSet set, IReadOnlyList<(Embedding Picture, string? Label)> pictures, string fittedOn, CancellationToken cancellationToken)
    {
        var classifier = await PrepareAsync(
            set, TagCalibration.Default, ScoreBackground.Of([.. pictures.Select(p => p.Picture.Values.ToArray())]), DevicePriority.Interactive,
            cancellationToken);
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
            ScoreBackground.Of([.. pictures.Select(p => p.Values.ToArray())]), DevicePriority.Interactive, cancellationToken);

    private async Task<LabelClassifier> PrepareAsync(LabelSet set, DevicePriority priority, CancellationToken cancellationToken)
    {
        var calibration = await _catalog.FindTagCalibrationAsync(_embedder.Space, cancellationToken) ?? TagCalibration.Default;
        var index = _indexes.Open(_embedder.Space);
        await index.Loaded.WaitAsync(cancellationToken);
        return await PrepareAsync(set, calibration, index.Background, priority, cancellationToken);
    }

    private async Task<LabelClassifier> PrepareAsync(
        LabelSet set, TagCalibration calibration, ScoreBackground background, DevicePriority priority, CancellationToken cancellationToken)
    {
        set.Check();
        string[][] spoken = [.. set.Labels.Select(l => l.Prompts.SelectMany(p => set.Templates.Select(t => PromptEnsemble.Fill(t, p))).ToArray())];
        string[][] written = [.. set.Labels.Select(l => WrittenTemplates.Select(t => PromptEnsemble.Fill(t, l.Name)).ToArray())];

        // All at once, so that the device has whole batches.
        var known = await _texts.EmbedAsync([.. spoken.SelectMany(t => t), .. written.SelectMany(t => t), .. NeutralTexts.All], priority, cancellationToken);
        return new LabelClassifier(
            set, _embedder.Space, [.. spoken.Select(Average)], [.. written.Select(Average)], [.. NeutralTexts.All.Select(t => known[t])], background,
            calibration);

        float[] Average(string[] texts) => PromptEnsemble.Average(texts.Select(t => known[t]));
    }
}
