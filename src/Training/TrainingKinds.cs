using Sightline.Training.Clip;
using Sightline.Training.Data;
using Sightline.Training.Generation;
using Sightline.Training.Probe;
using Sightline.Training.Steps;

namespace Sightline.Training;

/// <summary>The kinds of training, by the names that the command takes.</summary>
internal static class TrainingKinds
{
    internal static IReadOnlyList<TrainingKind> All { get; } =
    [
        TrainingKind.OfSteps(
            "clip", "Two towers into one space, from pictures and their captions.", TrainerDefaults.Clip, ConfiguredInputs.Open, (root, places) =>
            {
                var settings = ClipSettings.Read(root, places);
                return new TaskPlan(new PictureNeeds(settings.Model.ImageSize, HaveCaptions: true), environment => new ClipTrainer(
                    settings, environment.Validation, environment.Train.Labels.Count, environment.Device, environment.Type, environment.Seed));
            }),
        TrainingKind.OfSteps(
            "dvae", "Pictures to codes and back, DALL-E's discrete VAE.", TrainerDefaults.Dvae, ConfiguredInputs.Open, (root, places) =>
                new TaskPlan(new PictureNeeds(SizeOf(root), HaveCaptions: false), environment => DvaeTask.Create(
                    root, HeldOut(root, environment), environment.Device, environment.Type, environment.Seed, places.ConfigFolder))),
        TrainingKind.OfSteps(
            "prior", "A dVAE's codes from captions, DALL-E's transformer.", TrainerDefaults.Prior, ConfiguredInputs.Open, (root, places) =>
                new TaskPlan(new PictureNeeds(SizeOf(root), HaveCaptions: true), environment => PriorTask.Create(
                    root, HeldOut(root, environment), environment.Device, environment.Type, environment.Seed, places.ConfigFolder))),
        new TrainingKind(ProbeTraining.Name, ProbeTraining.Summary, ProbeTraining.Run),
    ];

    /// <exception cref="TrainingConfigException">There is no such kind; names those there are.</exception>
    internal static TrainingKind Find(string name) => All.FirstOrDefault(k => k.Name == name)
        ?? throw new TrainingConfigException($"There is no training {name}; there are: {string.Join(", ", All.Select(k => k.Name))}.");

    // Side of the pictures, which a model of convolutions alone does not tell.
    private static int SizeOf(ConfigSection root) => (int)root.Section("model").Integer("size", 64, 8, 1_024);

    private static ITrainingData HeldOut(ConfigSection root, TrainingEnvironment environment) => environment.Validation
        ?? throw root.Wrong("validation", "is needed: a list of sources that the training does not see, by which its checkpoints are compared");
}
