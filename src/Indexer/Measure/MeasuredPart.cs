using Sightline.Curation;
using Sightline.Models;

namespace Sightline.Indexer.Measure;

/// <summary>What is known of a part's images, as it grows. Any number of threads may write, each its own pairs.</summary>
internal sealed class MeasuredPart
{
    private const ImageMeasured OfPixels = ImageMeasured.Read | ImageMeasured.Pixels;
    private const ImageMeasured OfModel = ImageMeasured.Embedding | ImageMeasured.Similarity | ImageMeasured.TextLikeness;

    private readonly PairPart _part;
    private readonly ImageMeasures[] _measures;
    private readonly EmbeddingSpace? _space;
    private readonly Half[]? _embeddings;

    /// <param name="part">With keys, images and measures, and captions where there is a space.</param>
    /// <param name="space">Of the model that is to be used; null: none.</param>
    /// <param name="before">Embeddings that the part has.</param>
    internal MeasuredPart(PairPart part, EmbeddingSpace? space, PartEmbeddings? before)
    {
        _part = part;
        _measures = part.Measures.IsEmpty ? new ImageMeasures[part.Count] : part.Measures.ToArray();
        _space = space;
        if (space is null)
        {
            return;
        }

        _embeddings = new Half[part.Count * space.Dimensions];
        if (before is not null && before.Space == space.Digest && before.Dimensions == space.Dimensions)
        {
            for (var i = 0; i < part.Count; i++)
            {
                before[i].CopyTo(_embeddings.AsSpan(i * space.Dimensions));
            }

            return;
        }

        for (var i = 0; i < _measures.Length; i++)
        {
            IsOfAnotherSpace |= (_measures[i].Known & OfModel) != 0;
            _measures[i] = _measures[i] with { Known = _measures[i].Known & ~OfModel, Similarity = 0, TextLikeness = 0 };
        }
    }

    internal PairPart Part => _part;

    internal ReadOnlySpan<ImageMeasures> Measures => _measures;

    /// <summary>Null where there is no model.</summary>
    internal PartEmbeddings? Embeddings => _space is null ? null : new PartEmbeddings(_space.Digest, _space.Dimensions, _embeddings!);

    /// <summary>What a model said before was another's, and is forgotten.</summary>
    internal bool IsOfAnotherSpace { get; }

    /// <summary>All that is asked for is known of a pair. Without a caption there is no similarity to know.</summary>
    internal bool IsDone(int pair) => _measures[pair].Has(
        _space is null ? OfPixels
        : _part.Source.Captions[pair].IsEmpty ? OfPixels | (OfModel & ~ImageMeasured.Similarity)
        : OfPixels | OfModel);

    internal void Set(ImageItem item, in ImageMeasures measures) => _measures.AsSpan(item.First, item.Count).Fill(measures);

    internal void SetEmbedding(ImageItem item, Embedding image, double textLikeness)
    {
        for (var pair = item.First; pair < item.First + item.Count; pair++)
        {
            var row = _embeddings.AsSpan(pair * _space!.Dimensions, _space.Dimensions);
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = (Half)image.Values[i];
            }

            _measures[pair] = _measures[pair] with
            {
                Known = _measures[pair].Known | ImageMeasured.Embedding | ImageMeasured.TextLikeness,
                TextLikeness = (float)textLikeness,
            };
        }
    }

    internal void SetSimilarity(int pair, float cosine) =>
        _measures[pair] = _measures[pair] with { Known = _measures[pair].Known | ImageMeasured.Similarity, Similarity = cosine };
}
