using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Json;
using Sightline.Models.Weights;

namespace Sightline.Training.Probe;

/// <summary>A linear classifier on a frozen model's features: logits are W x + b.</summary>
/// <param name="Weights">[K, E], row by row.</param>
/// <param name="Bias">[K].</param>
internal sealed record LinearProbe(float[] Weights, float[] Bias, int Classes, int Dimensions)
{
    private const string WeightsFile = "probe.safetensors";
    private const string ClassesFile = "classes.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The likeliest class of each picture; of equal ones the first.</summary>
    internal int[] Predict(FeatureSet pictures)
    {
        var found = new int[pictures.Count];
        Parallel.For(0, found.Length, i =>
        {
            var logits = new float[Classes];
            Logits(pictures.Row(i), logits);
            found[i] = TensorPrimitives.IndexOfMax(logits);
        });
        return found;
    }

    internal void Logits(ReadOnlySpan<float> features, Span<float> logits)
    {
        for (var k = 0; k < Classes; k++)
        {
            logits[k] = TensorPrimitives.Dot(features, Weights.AsSpan(k * Dimensions, Dimensions)) + Bias[k];
        }
    }

    /// <summary>The share of pictures whose class it finds, 0 to 1.</summary>
    internal double Accuracy(FeatureSet pictures) => Predict(pictures).Zip(pictures.Labels, (found, label) => found == label ? 1.0 : 0).Average();

    /// <summary>The mean over the classes that there are of the share found.</summary>
    internal double MeanPerClass(FeatureSet pictures) => Predict(pictures).Zip(pictures.Labels)
        .GroupBy(p => p.Second).Average(c => c.Average(p => p.First == p.Second ? 1.0 : 0));

    /// <summary>Writes <c>probe.safetensors</c> (<c>weight</c> [K, E], <c>bias</c> [K], as PyTorch's Linear has them) and <c>classes.json</c>
    /// (the model that the features come from, and the names of the classes in order).</summary>
    internal void Save(string folder, ProbeClasses classes)
    {
        Directory.CreateDirectory(folder);
        SafetensorsWriter.Write(Path.Combine(folder, WeightsFile),
        [
            new TensorToWrite("weight", WeightType.Float32, [Classes, Dimensions], MemoryMarshal.AsBytes(Weights.AsSpan()).ToArray()),
            new TensorToWrite("bias", WeightType.Float32, [Classes], MemoryMarshal.AsBytes(Bias.AsSpan()).ToArray()),
        ]);
        File.WriteAllBytes(Path.Combine(folder, ClassesFile), JsonSerializer.SerializeToUtf8Bytes(classes, Json));
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="ModelFormatException">A file is missing or damaged, or they do not fit each other.</exception>
    internal static (LinearProbe Probe, ProbeClasses Classes) Load(string folder)
    {
        var path = Path.Combine(folder, ClassesFile);
        try
        {
            var classes = JsonSerializer.Deserialize<ProbeClasses>(File.ReadAllBytes(path), Json)!;
            using var file = Checkpoint.Open(Path.Combine(folder, WeightsFile));
            return file.Tensors.TryGetValue("weight", out var weight) && file.Tensors.TryGetValue("bias", out var bias)
                && weight.Shape is [var k, var e] && k == classes.Names.Count && bias.Shape is [var b] && b == k
                ? (new LinearProbe(weight.ReadFloats(), bias.ReadFloats(), (int)k, (int)e), classes)
                : throw new ModelFormatException(file.Path, $"a probe of {classes.Names.Count} classes has weight [K, E] and bias [K]; these differ.");
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new ModelFormatException(path, $"this is no probe: {e.Message}", e);
        }
    }
}

/// <param name="Model">Name of the model that the features come from.</param>
/// <param name="WeightsDigest">SHA-256 of its weights.</param>
/// <param name="Strength">Of the penalty.</param>
/// <param name="Names">Of the classes, in the probe's order.</param>
internal sealed record ProbeClasses(string Model, string WeightsDigest, double Strength, IReadOnlyList<string> Names);
