using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Sightline.TestKit;
using Sightline.Training.Data;
using Sightline.Training.Steps;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training.Tests.Generation;

/// <summary>What tests of tasks need around them: a small loop, weights to export, gradients to compare.</summary>
internal static class TaskRuns
{
    internal static string Vocabulary => Path.Combine(Repository.Root, "models", "sightline-clip-0");

    internal static ConfigSection Config(string json) => new("", JsonNode.Parse(json)!.AsObject());

    /// <summary>Some steps on float32 copies of the parameters: an update is often too small for bfloat16.</summary>
    /// <returns>The figures of the last step.</returns>
    internal static IReadOnlyDictionary<string, double> Train(ITrainingTask task, TrainingBatch batch, int steps, double rate)
    {
        IReadOnlyDictionary<string, double> figures = new Dictionary<string, double>();
        List<Parameter> copies = [.. task.Parameters.Select(p => new Parameter(p.Parameter.detach().to(ScalarType.Float32, copy: true)))];
        using var optimizer = optim.AdamW(copies, lr: rate, weight_decay: 0);
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            using var chance = new Generator((ulong)step);
            figures = task.Backward([batch], new StepContext(step, steps, chance));
            using var guard = no_grad();
            foreach (var (copy, parameter) in copies.Zip(task.Parameters.Select(p => p.Parameter)))
            {
                copy.grad = parameter.grad!.to(ScalarType.Float32);
                parameter.grad = null;
            }

            // Down to nothing along half a cosine, so that the last steps settle.
            foreach (var group in optimizer.ParamGroups)
            {
                group.LearningRate = rate * (1 + Math.Cos(Math.PI * step / steps)) / 2;
            }

            optimizer.step();
            foreach (var (copy, parameter) in copies.Zip(task.Parameters.Select(p => p.Parameter)))
            {
                parameter.copy_(copy);
            }

            task.Updated();
        }

        copies.ForEach(copy => copy.Dispose());
        return figures;
    }

    internal static Dictionary<string, Tensor> Weights(ITrainingTask task) =>
        task.Parameters.ToDictionary(p => p.Name, p => p.Parameter.detach().to(ScalarType.Float32));

    /// <summary>The gradients that a step leaves, by name; cleared afterwards.</summary>
    internal static Dictionary<string, double[]> Gradients(ITrainingTask task, IReadOnlyList<TrainingBatch> parts)
    {
        using var scope = NewDisposeScope();
        using var chance = new Generator(5);
        task.Backward(parts, new StepContext(30, 100, chance));
        return task.Parameters.ToDictionary(p => p.Name, p =>
        {
            var gradient = Numbers(p.Parameter.grad ?? throw new InvalidOperationException($"{p.Name} has no gradient"));
            p.Parameter.grad = null;
            return gradient;
        });
    }

    /// <summary>The gradients of a step in float64 against central differences of its loss, at two numbers of each parameter.</summary>
    internal static void AssertGradients(ITrainingTask task, IReadOnlyList<TrainingBatch> parts)
    {
        // Central differences err by the square of the step and by rounding, 1e-16 / 1e-6: 1e-6 leaves a margin of a thousand.
        const double step = 1e-6;
        var gradients = Gradients(task, parts);
        foreach (var (name, parameter, _) in task.Parameters)
        {
            var expected = gradients[name];
            for (var i = 0; i < expected.Length; i += Math.Max(1, (expected.Length + 1) / 2))
            {
                var difference = (Moved(parameter, i, step) - Moved(parameter, i, -step)) / (2 * step);
                Assert.True(
                    Math.Abs(difference - expected[i]) <= 1e-6 * Math.Max(1, Math.Abs(difference)),
                    $"{name}[{i}]: {expected[i]} instead of {difference}");
            }
        }

        double Moved(Parameter parameter, int at, double by)
        {
            using var chance = new Generator(5);
            using var guard = no_grad();
            var numbers = MemoryMarshal.Cast<byte, double>(parameter.bytes);
            var kept = numbers[at];
            numbers[at] += by;
            double loss;
            using (enable_grad())
            {
                loss = task.Backward(parts, new StepContext(30, 100, chance))["loss"];
            }

            numbers[at] = kept;
            foreach (var moved in task.Parameters)
            {
                moved.Parameter.grad = null;
            }

            return loss;
        }
    }

    internal static double[] Numbers(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, double>(tensor.detach().to(ScalarType.Float64, CPU).contiguous().bytes).ToArray();
    }
}
