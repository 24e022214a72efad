namespace Sightline.Search;

/// <summary>
/// Turns likeness into probability: the log-odds of a label are <c>Offset + ByCollection z1 + ByPicture z2</c>, where z1 is the label's
/// likeness in deviations above its likeness to the collection's pictures, and z2 in deviations above the picture's likeness to everyday
/// texts. Among several labels and "none of these", whose log-odds are 0, probabilities are their softmax.
/// </summary>
/// <param name="FittedOn">What the constants were fitted on.</param>
public sealed record TagCalibration(double Offset, double ByCollection, double ByPicture, string FittedOn)
{
    /// <summary>For models that nobody has calibrated: the bundled model's on 223 kinds of things (docs/benchmarks.md). Cautious: what is
    /// said is mostly so.</summary>
    public static TagCalibration Default { get; } = new(-4.895, 0.717, 1.860, "the bundled model's defaults");

    internal double LogOdds(double byCollection, double byPicture) => Offset + ByCollection * byCollection + ByPicture * byPicture;

    /// <summary>
    /// Fits the constants to pictures whose label is known, by maximum likelihood (Newton's method; the likelihood is concave).
    /// </summary>
    /// <param name="examples">For each picture: the two likenesses to each label, and which label is right; -1: none.</param>
    /// <exception cref="ArgumentException">No example.</exception>
    internal static TagCalibration Fit(IReadOnlyList<((double ByCollection, double ByPicture)[] Labels, int Right)> examples, string fittedOn)
    {
        if (examples.Count == 0)
        {
            throw new ArgumentException("There are no pictures to fit on.");
        }

        var w = new double[3];
        for (var round = 0; round < 50; round++)
        {
            var gradient = new double[3];
            var curvature = new double[3, 3];

            // A weak pull towards zero keeps separable sets finite.
            for (var i = 0; i < 3; i++)
            {
                gradient[i] = -1e-3 * examples.Count * w[i];
                curvature[i, i] = 1e-3 * examples.Count;
            }

            foreach (var (labels, right) in examples)
            {
                Accumulate(labels, right, w, gradient, curvature);
            }

            var step = Solve(curvature, gradient);
            for (var i = 0; i < 3; i++)
            {
                w[i] += Math.Clamp(step[i], -3, 3);
            }

            if (step.Max(Math.Abs) < 1e-9)
            {
                break;
            }
        }

        return new TagCalibration(w[0], w[1], w[2], fittedOn);
    }

    private static void Accumulate(
        (double ByCollection, double ByPicture)[] labels, int right, double[] w, double[] gradient, double[,] curvature)
    {
        double[] odds = [.. labels.Select(l => w[0] + w[1] * l.ByCollection + w[2] * l.ByPicture)];
        var most = Math.Max(0, odds.Max());
        var sum = Math.Exp(-most) + odds.Sum(o => Math.Exp(o - most));
        var mean = new double[3];
        var second = new double[3, 3];
        for (var l = 0; l < labels.Length; l++)
        {
            var p = Math.Exp(odds[l] - most) / sum;
            double[] x = [1, labels[l].ByCollection, labels[l].ByPicture];
            for (var i = 0; i < 3; i++)
            {
                mean[i] += p * x[i];
                gradient[i] += l == right ? x[i] : 0;
                for (var j = 0; j < 3; j++)
                {
                    second[i, j] += p * x[i] * x[j];
                }
            }
        }

        for (var i = 0; i < 3; i++)
        {
            gradient[i] -= mean[i];
            for (var j = 0; j < 3; j++)
            {
                curvature[i, j] += second[i, j] - mean[i] * mean[j];
            }
        }
    }

    // Cramer's rule for three unknowns.
    private static double[] Solve(double[,] a, double[] b)
    {
        double Determinant(double[,] m) => m[0, 0] * (m[1, 1] * m[2, 2] - m[1, 2] * m[2, 1])
            - m[0, 1] * (m[1, 0] * m[2, 2] - m[1, 2] * m[2, 0]) + m[0, 2] * (m[1, 0] * m[2, 1] - m[1, 1] * m[2, 0]);
        var whole = Determinant(a);
        return [.. Enumerable.Range(0, 3).Select(column =>
        {
            var replaced = (double[,])a.Clone();
            for (var row = 0; row < 3; row++)
            {
                replaced[row, column] = b[row];
            }

            return Determinant(replaced) / whole;
        })];
    }
}
