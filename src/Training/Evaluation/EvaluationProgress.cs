namespace Sightline.Training.Evaluation;

/// <summary>How far an evaluation is.</summary>
/// <param name="Stage">What is being done, such as <c>pictures embedded</c>.</param>
public readonly record struct EvaluationProgress(string Stage, long Done, long Total);
