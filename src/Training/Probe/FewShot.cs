using static TorchSharp.torch;

namespace Sightline.Training.Probe;

/// <summary>How a probe does that saw few examples of each class.</summary>
/// <param name="Shots">Examples of each class.</param>
/// <param name="Mean">Share of the test pictures found, 0 to 1, over <paramref name="Draws"/> draws.</param>
/// <param name="Deviation">Of the draws (n - 1); 0 where there is one.</param>
/// <param name="Strength">Of the penalty: the best for the first draw on the validation split.</param>
public sealed record FewShotFigures(int Shots, int Draws, double Mean, double Deviation, double Strength);

/// <summary>Few-shot logistic regression on frozen features (arXiv 2103.00020, section 3.1.4 and figure 6).</summary>
internal static class FewShot
{
    internal static readonly int[] PaperShots = [1, 2, 4, 8, 16];

    /// <param name="draws">How often examples are drawn; draw i by the seed + i.</param>
    internal static FewShotFigures Measure(
        int shots, int draws, long seed, FeatureSet train, FeatureSet validation, FeatureSet test, Device device, CancellationToken cancellationToken)
    {
        var accuracies = new double[draws];
        double? strength = null;
        for (var draw = 0; draw < draws; draw++)
        {
            using var regression = new LogisticRegression(train.Draw(shots, new Random(unchecked((int)(seed + draw)))), device);
            strength ??= StrengthSweep.Run(s => regression.Fit(s, cancellationToken).Probe.Accuracy(validation)).Best;
            accuracies[draw] = regression.Fit(strength.Value, cancellationToken).Probe.Accuracy(test);
        }

        var mean = accuracies.Average();
        var deviation = draws == 1 ? 0 : Math.Sqrt(accuracies.Sum(a => (a - mean) * (a - mean)) / (draws - 1));
        return new FewShotFigures(shots, draws, mean, deviation, strength!.Value);
    }
}
