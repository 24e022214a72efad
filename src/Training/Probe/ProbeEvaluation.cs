using Sightline.Models;
using Sightline.Models.Clip;
using Sightline.Training.Evaluation;

namespace Sightline.Training.Probe;

/// <param name="Share">Of the data held out as the test, where there is none of its own, and of the rest for validation; above 0, below 1.</param>
/// <param name="Shots">Examples of each class, for few-shot probes; empty: none are fitted.</param>
/// <param name="Draws">Of examples, for each number of shots.</param>
/// <param name="Seed">Of the draws.</param>
public sealed record ProbeOptions(double Share, IReadOnlyList<int> Shots, int Draws, long Seed)
{
    /// <summary>As in CLIP's figure 6, three draws each.</summary>
    public static ProbeOptions Default { get; } = new(0.1, FewShot.PaperShots, 3, 0);

    /// <exception cref="ArgumentException">A number is outside its range.</exception>
    internal void Check()
    {
        if (Share is not (> 0 and < 1) || Draws is < 1 or > 1000 || Shots.Any(s => s < 1))
        {
            throw new ArgumentException($"A share of {Share}, {Draws} draws and {string.Join(", ", Shots)} shots cannot be.");
        }
    }
}

/// <summary>What a linear classifier gets out of a frozen model's features.</summary>
/// <param name="Strength">Of the penalty: scikit-learn's C is one over it.</param>
/// <param name="ValidationAccuracy">At that strength, 0 to 1, before the validation split joined the training.</param>
/// <param name="Top1">Share of the test pictures found.</param>
/// <param name="MeanPerClass">Mean over the classes of the share found.</param>
/// <param name="Converged">The last fit ended before its iterations were used up.</param>
/// <param name="Sweep">All strengths that were tried, the weakest first.</param>
public sealed record ProbeReport(
    string Model, string DataDigest, int Classes, int Train, int Validation, int Test, double Strength, double ValidationAccuracy, Proportion Top1,
    double MeanPerClass, int Iterations, bool Converged, IReadOnlyList<SweepPoint> Sweep, IReadOnlyList<FewShotFigures> FewShot);

/// <summary>
/// Linear probe and few-shot logistic regression as in CLIP's paper (arXiv 2103.00020, sections 3.1.4, 3.2 and appendix A.3). Features are the
/// unit-length embeddings that search uses, so that a probe also sorts the vectors of an index.
/// </summary>
public static class ProbeEvaluation
{
    /// <param name="test">Pictures of their own to test on; null: held out of the data.</param>
    /// <exception cref="ArgumentException">An option is outside its range, or a part has no pictures of a class.</exception>
    public static async Task<ProbeReport> RunAsync(
        IEmbedder embedder, EvaluationData data, EvaluationData? test, ProbeOptions options, ComputeOptions compute,
        IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken) =>
        (await FitAsync(embedder, data, test, options, compute, _ => { }, progress, cancellationToken)).Report;

    /// <param name="tried">Told of every strength.</param>
    internal static async Task<(ProbeReport Report, ProbeFit Fit)> FitAsync(
        IEmbedder embedder, EvaluationData data, EvaluationData? test, ProbeOptions options, ComputeOptions compute, Action<SweepPoint> tried,
        IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        options.Check();
        var device = compute.Resolve().Device;
        var parts = await ProbeSplits.EmbedAsync(embedder, data.Pictures, test?.Pictures, options.Share, progress, cancellationToken);
        var done = 0;
        var fit = ProbeFit.Run(parts.Train, parts.Validation, device, point =>
        {
            tried(point);
            progress?.Report(new EvaluationProgress("strengths", ++done, StrengthSweep.MostPoints));
        }, cancellationToken);
        var fewShot = new List<FewShotFigures>();
        foreach (var shots in options.Shots)
        {
            fewShot.Add(FewShot.Measure(
                shots, options.Draws, options.Seed, parts.Train, parts.Validation, parts.Test, device, cancellationToken));
            progress?.Report(new EvaluationProgress("few-shot probes", fewShot.Count, options.Shots.Count));
        }

        return (new ProbeReport(
            embedder.Space.Model, data.Digest, data.Pictures.Labels.Count, parts.Train.Count, parts.Validation.Count, parts.Test.Count, fit.Strength,
            fit.ValidationAccuracy, Proportion.Of(fit.Probe.Accuracy(parts.Test), parts.Test.Count), fit.Probe.MeanPerClass(parts.Test),
            fit.Minimum.Iterations, fit.Minimum.Converged, fit.Sweep, fewShot), fit);
    }
}
