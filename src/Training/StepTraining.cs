using Sightline.Training.Runs;
using Sightline.Training.Steps;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>Puts a training of steps together from its configuration, and runs it.</summary>
internal sealed class StepTraining(TrainerDefaults defaults, OpenInputs open, Func<ConfigSection, TrainingPlaces, TaskPlan> plan)
{
    internal TrainingRun Run(TrainingWork work, CancellationToken cancellationToken)
    {
        var root = work.Config.Root;
        var length = TrainingLength.Read(root, defaults);
        var (device, type) = work.Compute.Resolve();
        if (type is not (ScalarType.Float32 or ScalarType.BFloat16))
        {
            throw new TrainingConfigException("Training runs in fp32 or bf16; fp16's range would need its losses scaled.");
        }

        var (pictures, create) = plan(root, work.Places);
        work.Tell("opening the data");
        using var inputs = open(root, pictures, work.Places, work.Tell, cancellationToken);
        work.Tell("making the model");
        using var task = create(new TrainingEnvironment(device, type, inputs.Train, inputs.Validation, length.Seed));
        using var source = inputs.Load(length, device);
        var options = TrainerOptions.Read(root, length, defaults, source.StepsPerEpoch, validates: inputs.Validation is not null);
        root.RequireAllRead();

        var origin = new TrainingOrigin(
            work.Kind, length.Seed, work.Config.Digest, inputs.Train.Digest, work.Commit, $"{device}, {(type == ScalarType.Float32 ? "fp32" : "bf16")}");
        using var trainer = new Trainer(task, source, work.Run, options, origin, work.Config.Text, work.Time);
        return work.Resumes ? trainer.Resume(work.Progress, cancellationToken) : trainer.Run(work.Progress, cancellationToken);
    }
}
