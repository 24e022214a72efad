using Sightline.Training.Clip;
using Sightline.Training.Steps;

namespace Sightline.Training;

/// <summary>The kinds of training, by the names that the command takes.</summary>
internal static class TrainingKinds
{
    internal static IReadOnlyList<TrainingKind> All { get; } =
    [
        TrainingKind.OfSteps(
            "clip", "two towers into one space, from pictures and their captions.", TrainerDefaults.Clip, ConfiguredInputs.Open, (root, places) =>
            {
                var settings = ClipSettings.Read(root, places);
                return new TaskPlan(new PictureNeeds(settings.Model.ImageSize, HaveCaptions: true), environment => new ClipTrainer(
                    settings, environment.Validation, environment.Train.Labels.Count, environment.Device, environment.Type, environment.Seed));
            }),
    ];

    /// <exception cref="TrainingConfigException">There is no such kind; names those there are.</exception>
    internal static TrainingKind Find(string name) => All.FirstOrDefault(k => k.Name == name)
        ?? throw new TrainingConfigException($"There is no training {name}; there are: {string.Join(", ", All.Select(k => k.Name))}.");
}
