using Sightline.Training.Data;

namespace Sightline.Training.Evaluation;

/// <summary>All captions of some pictures, by language: what retrieval is measured with. Every language searches among all pictures.</summary>
internal sealed class CaptionedPictures
{
    private readonly (TrainingCaption Caption, int Owner)[] _captions;

    internal CaptionedPictures(ITrainingData data)
    {
        _captions = [.. Enumerable.Range(0, data.Count).SelectMany(i => data[i].Captions.Select(c => (c, i)))];
        Languages =
        [
            .. _captions.Index().GroupBy(c => c.Item.Caption.Language, c => c.Index).Select(g => (Language: g.Key, Rows: g.ToArray()))
                .OrderByDescending(l => l.Rows.Length).ThenBy(l => l.Language, StringComparer.Ordinal),
        ];
    }

    /// <summary>Picture by picture.</summary>
    internal string[] Texts => [.. _captions.Select(c => c.Caption.Text)];

    /// <summary>Pictures that have a caption.</summary>
    internal int Captioned => _captions.DistinctBy(c => c.Owner).Count();

    /// <summary>Rows of <see cref="Texts"/> in each language, the most frequent first; a language that is not known is empty.</summary>
    internal IReadOnlyList<(string Language, int[] Rows)> Languages { get; }

    /// <param name="images">[N, E] of all pictures.</param>
    /// <param name="texts">[M, E] of all captions.</param>
    /// <param name="rows">Captions that count; null: all.</param>
    internal RetrievalFigures Measure(float[] images, float[] texts, int[]? rows, int dimensions)
    {
        rows ??= [.. Enumerable.Range(0, _captions.Length)];
        var chosen = new float[(long)rows.Length * dimensions];
        foreach (var (place, row) in rows.Index())
        {
            texts.AsSpan(row * dimensions, dimensions).CopyTo(chosen.AsSpan(place * dimensions));
        }

        return RetrievalFigures.Compute(images, chosen, [.. rows.Select(r => _captions[r].Owner)], dimensions);
    }
}
