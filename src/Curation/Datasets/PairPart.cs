namespace Sightline.Curation;

/// <summary>Consecutive pairs of a dataset, with what is known of them. Read-only; any number of threads may read it.</summary>
public sealed class PairPart
{
    private static readonly CaptionFacts NoFacts;
    private static readonly ImageMeasures NoMeasures;

    private readonly PairBatch _pairs;
    private readonly CaptionFacts[]? _facts;
    private readonly ImageMeasures[]? _measures;
    private readonly PartEmbeddings? _embeddings;

    internal PairPart(PairBatch pairs, CaptionFacts[]? facts, ImageMeasures[]? measures, PartEmbeddings? embeddings) =>
        (_pairs, _facts, _measures, _embeddings) = (pairs, facts, measures, embeddings);

    /// <summary>Number of the first pair in the dataset, from 0.</summary>
    public long FirstRow => _pairs.FirstRow;

    public int Count => _pairs.Count;

    /// <summary>What the source says of the pairs.</summary>
    public PairBatch Source => _pairs;

    /// <summary>Empty where they were not asked for.</summary>
    public ReadOnlySpan<CaptionFacts> Facts => _facts;

    /// <summary>Empty where they were not asked for, or the images were not measured.</summary>
    public ReadOnlySpan<ImageMeasures> Measures => _measures;

    /// <summary>Null where they were not asked for, or the images were not embedded.</summary>
    public PartEmbeddings? Embeddings => _embeddings;

    /// <param name="index">From 0 to below <see cref="Count"/>.</param>
    public Pair this[int index] => new(
        _pairs[index], in _facts is null ? ref NoFacts : ref _facts[index], in _measures is null ? ref NoMeasures : ref _measures[index]);
}
