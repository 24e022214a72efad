using System.Security.Cryptography;
using Sightline.Models;
using Sightline.Models.Clip;
using Sightline.Training.Data;
using Sightline.Training.Runs;
using Sightline.Training.Steps;

namespace Sightline.Training.Tests;

/// <summary>The tiny task as <c>sightline train</c> would run it, from a configuration file.</summary>
internal static class TinyTraining
{
    internal static TrainerDefaults Defaults { get; } = new(
        new AdamWSettings(Rate: 0.02, Decay: 0.1, Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, Warmup: 5, RateShape.Cosine, FinalRate: 0.001, ClipNorm: 1),
        Batch: 8, EmaDecay: 0.9);

    internal static TrainingKind Kind { get; } = TrainingKind.OfSteps("tiny", "Tells colours.", Defaults, Open, (root, _) =>
    {
        var noise = root.Section("model").Number("noise", 0.05, 0, 1);
        return new TaskPlan(
            new PictureNeeds(Side: 6, HaveCaptions: false), environment => new TinyTask(environment.Type, environment.Seed) { Noise = noise });
    });

    internal static TrainingRun Run(
        string folder, string config, bool resumes = false, IProgress<TrainingProgress>? progress = null, string precision = "fp32",
        CancellationToken cancellationToken = default)
    {
        var models = new ModelCatalog(Path.Combine(folder, "..", "none"), Path.Combine(folder, "..", "none"));
        var request = new TrainingRequest(
            "tiny", config, new RunFolder(folder), resumes, new ComputeOptions("cpu", precision), models, Path.Combine(folder, "..", "cache"));
        return Trainings.Run(Kind, request, progress ?? new Notes(), TimeProvider.System, cancellationToken);
    }

    private static TrainingInputs Open(
        ConfigSection root, PictureNeeds pictures, TrainingPlaces places, Action<string> tell, CancellationToken cancellationToken)
    {
        var name = root.Text("data") ?? "colours";
        return new TrainingInputs(
            new Colours(name), root.Flag("validation", true) ? new Colours(name) : null,
            (length, _) => new TinySource(length.Batch, length.Parts, length.Seed));
    }

    private sealed class Colours(string name) : ITrainingData
    {
        public int Count => 80;

        public IReadOnlyList<string> Labels => ["red", "green", "blue"];

        public string Digest => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name)));

        public int Side => 6;

        public TrainingSample this[int index] => new($"{index}", [], 0, 0);

        public void ReadPixels(int index, Span<byte> pixels) => pixels.Clear();

        public void Dispose()
        {
        }
    }
}

/// <summary>Keeps what a training tells, and may act on it.</summary>
internal sealed class Notes(Action<TrainingProgress>? act = null) : IProgress<TrainingProgress>
{
    internal List<TrainingProgress> All { get; } = [];

    internal IEnumerable<string> Sentences => All.Select(p => p.Note).OfType<string>();

    public void Report(TrainingProgress value)
    {
        All.Add(value);
        act?.Invoke(value);
    }
}
