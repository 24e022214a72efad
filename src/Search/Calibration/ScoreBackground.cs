using System.Numerics.Tensors;

namespace Sightline.Search;

/// <summary>
/// What scores a query has with pictures that it does not mean: its similarities to a sample of the collection. A raw cosine says little
/// (0.25 is much for one query and noise for another, and every model has its own range); its distance from this background says how
/// unlikely it is by chance. Immutable.
/// </summary>
internal sealed class ScoreBackground
{
    /// <summary>Vectors drawn: the background's middle and width are then known to about 3 %, in a tenth of a millisecond.</summary>
    internal const int SampleSize = 2048;

    /// <summary>Below this number of pictures there is no background to speak of.</summary>
    internal const int LeastSize = 40;

    // The share of a normal distribution that lies more than one deviation below the middle.
    private const double BelowOneSigma = 0.158655;

    private readonly float[][] _sample;

    private ScoreBackground(float[][] sample, int images) => (_sample, Images) = (sample, images);

    /// <summary>Images there were when the sample was drawn.</summary>
    internal int Images { get; }

    internal static ScoreBackground Draw(VectorIndex index) => new(index.Sample(SampleSize, new Random(1)), index.Count);

    /// <summary>The background of these pictures.</summary>
    internal static ScoreBackground Of(float[][] vectors) => new(vectors, vectors.Length);

    /// <summary>The collection has grown or shrunk so much that another sample is due.</summary>
    internal bool IsStale(int count) => Math.Abs(count - Images) > Images / 10;

    /// <summary>
    /// Middle and deviation of a query's scores: the median, and its distance from the 16th percentile, which the true matches on the
    /// upper side do not move. Null where there are too few pictures, or all look alike to the query.
    /// </summary>
    internal (double Middle, double Deviation)? Measure(ReadOnlySpan<float> query)
    {
        if (_sample.Length < LeastSize)
        {
            return null;
        }

        var scores = new float[_sample.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = TensorPrimitives.Dot(query, _sample[i]);
        }

        Array.Sort(scores);
        var middle = scores[scores.Length / 2];
        var deviation = middle - scores[(int)(BelowOneSigma * scores.Length)];
        return deviation > 1e-6 ? (middle, deviation) : null;
    }

    /// <summary>The chance that a picture which the query does not mean scores so many deviations above the middle: a normal
    /// distribution's upper tail (erfc by Chebyshev fitting, Numerical Recipes 6.2.2, relative error below 1.2e-7).</summary>
    internal static double Chance(double sigma)
    {
        var x = Math.Abs(sigma) / Math.Sqrt(2);
        var t = 1 / (1 + 0.5 * x);
        double[] series = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277];
        var sum = 0.0;
        for (var i = series.Length - 1; i >= 0; i--)
        {
            sum = sum * t + series[i];
        }

        var tail = 0.5 * t * Math.Exp(-x * x + sum);
        return sigma >= 0 ? tail : 1 - tail;
    }
}
