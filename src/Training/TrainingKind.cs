using Sightline.Training.Runs;
using Sightline.Training.Steps;

namespace Sightline.Training;

/// <summary>A kind of training that <c>sightline train</c> knows.</summary>
/// <param name="Name">As the command has it.</param>
/// <param name="Summary">A line for its help.</param>
/// <param name="Run">Does it to its end and keeps the run's folder.</param>
internal sealed record TrainingKind(string Name, string Summary, Func<TrainingWork, CancellationToken, TrainingRun> Run)
{
    /// <summary>A kind that trains step by step.</summary>
    /// <param name="defaults">Of the loop around the steps.</param>
    /// <param name="plan">Reads its own settings from the configuration's root.</param>
    internal static TrainingKind OfSteps(
        string name, string summary, TrainerDefaults defaults, OpenInputs open, Func<ConfigSection, TrainingPlaces, TaskPlan> plan) =>
        new(name, summary, new StepTraining(defaults, open, plan).Run);
}
