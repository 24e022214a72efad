using Sightline.Training.Data;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training.Steps;

/// <summary>What a step may need besides its pictures.</summary>
/// <param name="Step">Updates done before this one, from 0 on.</param>
/// <param name="Steps">Updates of the whole training.</param>
/// <param name="Generator">Chance on the device, seeded from the training's seed and the step: a resumed training draws the same.</param>
internal sealed record StepContext(long Step, long Steps, Generator Generator);

/// <summary>A tensor that training changes.</summary>
/// <param name="Name">As the model's file has it.</param>
/// <param name="Decays">Whether weight decay applies: matrices and kernels, not gains, biases, embeddings or the temperature.</param>
internal sealed record TrainedParameter(string Name, Parameter Parameter, bool Decays);

/// <summary>A tensor that training changes without a gradient, such as a running mean; part of checkpoints and of the model's
/// file.</summary>
internal sealed record TrainedBuffer(string Name, Tensor Tensor);

/// <summary>How well the model does on what it was not trained on.</summary>
/// <param name="Figures">By name, such as <c>loss</c> or <c>recall_at_10</c>.</param>
/// <param name="Score">By which checkpoints are compared: higher is better.</param>
internal sealed record ValidationResult(IReadOnlyDictionary<string, double> Figures, double Score);

/// <summary>
/// A model in training: what it computes for a step and what it writes. The loop around it (<c>Trainer</c>) owns the step size, the
/// optimizer's float32 copies of the parameters, their averages, checkpoints and metrics. For one thread.
/// </summary>
internal interface ITrainingTask : IDisposable
{
    /// <summary>As the command names it: <c>clip</c>, <c>dvae</c>, <c>prior</c>.</summary>
    string Kind { get; }

    Device Device { get; }

    /// <summary>In the precision of the passes (float32 or bfloat16), requiring gradients, in a fixed order.</summary>
    IReadOnlyList<TrainedParameter> Parameters { get; }

    /// <summary>In a fixed order.</summary>
    IReadOnlyList<TrainedBuffer> Buffers { get; }

    /// <summary>
    /// Adds the gradient of the whole step (the mean over its pictures) to the parameters' <c>grad</c>, which are empty before. How the parts
    /// make one step is the task's to know: a contrastive loss compares pictures of different parts.
    /// </summary>
    /// <returns>The loss and what else is worth a curve, by name; <c>loss</c> is always there.</returns>
    IReadOnlyDictionary<string, double> Backward(IReadOnlyList<TrainingBatch> parts, StepContext context);

    /// <summary>Called after each update of the parameters, with gradients off: the place to clamp a temperature. What it changes counts where
    /// the parameter is float32 or has a single element; another in bfloat16 is overwritten by its float32 copy.</summary>
    void Updated();

    /// <summary>With gradients off, and with the averaged weights in place where there are such.</summary>
    ValidationResult Validate(CancellationToken cancellationToken);

    /// <summary>Writes the model as the product loads it: weights, config.json, vocabulary.</summary>
    /// <param name="folder">Exists and is empty.</param>
    /// <param name="weights">Every parameter and buffer by its name, float32 (or its own integer type) on the CPU.</param>
    void Export(string folder, IReadOnlyDictionary<string, Tensor> weights);

    /// <summary>Draws what the model can do by now, such as pictures beside their reconstructions, as PNG files; writes nothing where there
    /// is nothing to look at.</summary>
    void DrawSamples(string folder, long step, CancellationToken cancellationToken);
}
