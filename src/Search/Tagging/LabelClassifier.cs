using System.Numerics.Tensors;
using Sightline.Models;

namespace Sightline.Search;

/// <summary>What a picture is taken for.</summary>
/// <param name="Cosine">Likeness to the label.</param>
/// <param name="Probability">Among the set's labels and "none of these".</param>
/// <param name="Typographic">The picture is like the label's written word rather than like the thing: it may be an inscription.</param>
public sealed record LabelPrediction(Label Label, double Cosine, double Probability, bool Typographic);

/// <param name="Labels">Most probable first.</param>
/// <param name="None">The probability of "none of these".</param>
public sealed record Classification(IReadOnlyList<LabelPrediction> Labels, double None);

/// <summary>Sorts pictures by the labels of one set in one space; made by <see cref="Tagger"/>. Immutable, thread-safe.</summary>
public sealed class LabelClassifier
{
    // So far above what the collection's pictures have, a picture's leaning to the written word is no accident.
    private const double WrittenSigma = 3;

    private readonly LabelSet _set;
    private readonly EmbeddingSpace _space;
    private readonly TagCalibration _calibration;
    private readonly float[][] _labels;
    private readonly float[][] _neutral;
    private readonly (double Middle, double Deviation)[] _ofCollection;
    private readonly float[][] _written;
    private readonly (double Middle, double Deviation)[] _ofWritten;

    internal LabelClassifier(
        LabelSet set, EmbeddingSpace space, float[][] labels, float[][] written, float[][] neutral, ScoreBackground background,
        TagCalibration calibration)
    {
        (_set, _space, _labels, _written, _neutral, _calibration) = (set, space, labels, written, neutral, calibration);

        // A collection too small to measure by says nothing about the label: the picture alone decides.
        _ofCollection = [.. labels.Select(l => background.Measure(l) ?? (0, double.PositiveInfinity))];
        _ofWritten = [.. labels.Zip(written, (label, word) =>
        {
            var difference = new float[label.Length];
            TensorPrimitives.Subtract(word, label, difference);
            return background.Measure(difference) ?? (0, double.PositiveInfinity);
        })];
    }

    public LabelSet Set => _set;

    /// <exception cref="InvalidOperationException">The picture was embedded in another space.</exception>
    public Classification Classify(Embedding picture)
    {
        if (picture.Space != _space)
        {
            throw new InvalidOperationException($"A picture in {picture.Space} cannot be sorted by labels in {_space}.");
        }

        var vector = picture.Values;
        var odds = new double[_labels.Length];
        Measure(vector, (i, byCollection, byPicture) => odds[i] = _calibration.LogOdds(byCollection, byPicture));
        var most = Math.Max(0, odds.Max());
        var sum = Math.Exp(-most) + odds.Sum(o => Math.Exp(o - most));
        var predictions = new LabelPrediction[odds.Length];
        for (var i = 0; i < odds.Length; i++)
        {
            var cosine = TensorPrimitives.Dot(vector, _labels[i]);
            var leaning = TensorPrimitives.Dot(vector, _written[i]) - cosine;
            predictions[i] = new LabelPrediction(
                _set.Labels[i], cosine, Math.Exp(odds[i] - most) / sum, leaning > _ofWritten[i].Middle + WrittenSigma * _ofWritten[i].Deviation);
        }

        Array.Sort(predictions, static (x, y) => y.Probability.CompareTo(x.Probability));
        return new Classification(predictions, Math.Exp(-most) / sum);
    }

    /// <summary>The two likenesses to each label, to fit a calibration to.</summary>
    internal (double ByCollection, double ByPicture)[] Likenesses(ReadOnlySpan<float> picture)
    {
        var likenesses = new (double, double)[_labels.Length];
        Measure(picture, (i, byCollection, byPicture) => likenesses[i] = (byCollection, byPicture));
        return likenesses;
    }

    private void Measure(ReadOnlySpan<float> picture, Action<int, double, double> take)
    {
        double sum = 0, squares = 0;
        foreach (var text in _neutral)
        {
            double cosine = TensorPrimitives.Dot(picture, text);
            (sum, squares) = (sum + cosine, squares + cosine * cosine);
        }

        var mean = sum / _neutral.Length;
        var deviation = Math.Sqrt(Math.Max(squares / _neutral.Length - mean * mean, 1e-12));
        for (var i = 0; i < _labels.Length; i++)
        {
            double cosine = TensorPrimitives.Dot(picture, _labels[i]);
            take(i, (cosine - _ofCollection[i].Middle) / _ofCollection[i].Deviation, (cosine - mean) / deviation);
        }
    }
}
