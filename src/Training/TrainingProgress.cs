using Sightline.Training.Runs;

namespace Sightline.Training;

/// <summary>How far a training is; told after every step and around everything that takes time.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Of the whole training.</param>
/// <param name="Doing">What it does now, such as <c>training</c> or <c>validating</c>.</param>
/// <param name="Loss">Mean since the last line of metrics; null before the first step.</param>
/// <param name="ImagesPerSecond">Since the last line of metrics.</param>
/// <param name="Waiting">Share of time spent waiting for pictures, 0 to 1.</param>
/// <param name="Left">Till the end, at the speed since this process began, all told; null before the first step.</param>
/// <param name="NextValidation">Steps till the next one; null where there are none.</param>
/// <param name="BestScore">Of the validations so far.</param>
/// <param name="Line">A line of metrics that has just been written.</param>
/// <param name="Note">A sentence that people should see.</param>
public sealed record TrainingProgress(
    long Step, long Steps, string Doing, double? Loss, double ImagesPerSecond, double Waiting, TimeSpan? Left, long? NextValidation,
    double? BestScore, MetricsRecord? Line = null, string? Note = null);
