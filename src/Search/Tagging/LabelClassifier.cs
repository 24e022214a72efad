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

        var (cosines, probabilities, none) = Sort(picture.Values);
        var predictions = new LabelPrediction[cosines.Length];
        for (var i = 0; i < predictions.Length; i++)
        {
            predictions[i] = new LabelPrediction(_set.Labels[i], cosines[i], probabilities[i], IsTypographic(picture.Values, i, cosines[i]));
        }

        Array.Sort(predictions, static (x, y) => y.Probability.CompareTo(x.Probability));
        return new Classification(predictions, none);
    }

    /// <summary>The labels whose probability reaches their threshold.</summary>
    /// <param name="threshold">Of labels that have none of their own.</param>
    internal IEnumerable<LabelPrediction> Suggest(Embedding picture, double threshold)
    {
        var (cosines, probabilities, _) = Sort(picture.Values);
        for (var i = 0; i < cosines.Length; i++)
        {
            if (probabilities[i] >= (_set.Labels[i].Threshold ?? threshold))
            {
                yield return new LabelPrediction(_set.Labels[i], cosines[i], probabilities[i], IsTypographic(picture.Values, i, cosines[i]));
            }
        }
    }

    /// <summary>The two likenesses to each label, to fit a calibration to.</summary>
    internal (double ByCollection, double ByPicture)[] Likenesses(ReadOnlySpan<float> picture)
    {
        var (mean, deviation) = Everyday(picture);
        var likenesses = new (double, double)[_labels.Length];
        for (var i = 0; i < likenesses.Length; i++)
        {
            likenesses[i] = Likeness(i, TensorPrimitives.Dot(picture, _labels[i]), mean, deviation);
        }

        return likenesses;
    }

    private (double[] Cosines, double[] Probabilities, double None) Sort(ReadOnlySpan<float> picture)
    {
        var (mean, deviation) = Everyday(picture);
        var cosines = new double[_labels.Length];
        var odds = new double[_labels.Length];
        var most = 0.0;
        for (var i = 0; i < odds.Length; i++)
        {
            cosines[i] = TensorPrimitives.Dot(picture, _labels[i]);
            var (byCollection, byPicture) = Likeness(i, cosines[i], mean, deviation);
            odds[i] = _calibration.LogOdds(byCollection, byPicture);
            most = Math.Max(most, odds[i]);
        }

        // The log-odds of "none of these" are 0.
        var sum = Math.Exp(-most);
        for (var i = 0; i < odds.Length; i++)
        {
            odds[i] = Math.Exp(odds[i] - most);
            sum += odds[i];
        }

        for (var i = 0; i < odds.Length; i++)
        {
            odds[i] /= sum;
        }

        return (cosines, odds, Math.Exp(-most) / sum);
    }

    private (double ByCollection, double ByPicture) Likeness(int label, double cosine, double mean, double deviation) =>
        ((cosine - _ofCollection[label].Middle) / _ofCollection[label].Deviation, (cosine - mean) / deviation);

    private bool IsTypographic(ReadOnlySpan<float> picture, int label, double cosine) =>
        TensorPrimitives.Dot(picture, _written[label]) - cosine > _ofWritten[label].Middle + WrittenSigma * _ofWritten[label].Deviation;

    // How like a picture is to everyday texts.
    private (double Mean, double Deviation) Everyday(ReadOnlySpan<float> picture)
    {
        double sum = 0, squares = 0;
        foreach (var text in _neutral)
        {
            double cosine = TensorPrimitives.Dot(picture, text);
            (sum, squares) = (sum + cosine, squares + cosine * cosine);
        }

        var mean = sum / _neutral.Length;
        return (mean, Math.Sqrt(Math.Max(squares / _neutral.Length - mean * mean, 1e-12)));
    }
}
