using Sightline.Models;
using Sightline.Training.Data;
using Sightline.Training.Evaluation;
using static TorchSharp.torch;

namespace Sightline.Training.Probe;

/// <summary>A probe and how it came about.</summary>
internal sealed record ProbeFit(LinearProbe Probe, double Strength, double ValidationAccuracy, IReadOnlyList<SweepPoint> Sweep, Minimum Minimum)
{
    /// <summary>Finds the penalty's strength on the validation split, then fits on both (arXiv 2103.00020, appendix A.3).</summary>
    /// <param name="tried">Told of every strength.</param>
    internal static ProbeFit Run(
        FeatureSet train, FeatureSet validation, Device device, Action<SweepPoint> tried, CancellationToken cancellationToken)
    {
        double best;
        IReadOnlyList<SweepPoint> sweep;
        using (var regression = new LogisticRegression(train, device))
        {
            (best, sweep) = StrengthSweep.Run(strength =>
            {
                var score = regression.Fit(strength, cancellationToken).Probe.Accuracy(validation);
                tried(new SweepPoint(strength, score));
                return score;
            });
        }

        using var whole = new LogisticRegression(train.With(validation), device);
        var (probe, minimum) = whole.Fit(best, cancellationToken);
        return new ProbeFit(probe, best, sweep.Single(s => s.Strength == best).Score, sweep, minimum);
    }
}

/// <summary>Pictures of a class as features, in three parts.</summary>
internal sealed record ProbeSplits(FeatureSet Train, FeatureSet Validation, FeatureSet Test)
{
    /// <param name="test">Pictures of their own; null: a share of the data, by a hash of their keys.</param>
    /// <param name="share">Of the data that are the test where there is no other, and of the rest that are the validation.</param>
    /// <exception cref="ArgumentException">A part has no picture of a class, or the test has a class that the data lack.</exception>
    internal static async Task<ProbeSplits> EmbedAsync(
        IEmbedder embedder, ITrainingData data, ITrainingData? test, double share, IProgress<EvaluationProgress>? progress,
        CancellationToken cancellationToken)
    {
        var labelled = Enumerable.Range(0, data.Count).Where(i => data[i].Label >= 0);
        var (kept, heldOut) = test is null ? DataSplit.Of(data, labelled, HeldOut.Test, share) : ([.. labelled], []);
        var (train, validation) = DataSplit.Of(data, kept, HeldOut.Validation, share);
        int[] tested = test is null ? heldOut : [.. Enumerable.Range(0, test.Count).Where(i => test[i].Label >= 0)];
        if (train.Length == 0 || validation.Length == 0 || tested.Length == 0)
        {
            throw new ArgumentException($"{train.Length} pictures to train on, {validation.Length} to choose by and {tested.Length} to test: none may be without.");
        }

        return new ProbeSplits(
            await OfAsync(data, train, "pictures to train on"), await OfAsync(data, validation, "pictures to choose by"),
            await OfAsync(test ?? data, tested, "pictures to test"));

        async Task<FeatureSet> OfAsync(ITrainingData from, int[] indices, string stage) => new(
            await embedder.EmbedImagesAsync(from, indices, null, stage, progress, cancellationToken),
            [.. indices.Select(i => NumberOf(from.Labels[from[i].Label]))], data.Labels.Count, embedder.Space.Dimensions);

        int NumberOf(string label)
        {
            var number = data.Labels.Index().FirstOrDefault(l => l.Item == label, (Index: -1, Item: label)).Index;
            return number >= 0 ? number : throw new ArgumentException($"Nothing to train on is of the class {label}, which is tested.");
        }
    }
}
