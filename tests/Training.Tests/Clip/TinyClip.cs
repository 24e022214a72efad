using System.Text.Json.Nodes;
using Sightline.Models;
using Sightline.TestKit;
using Sightline.Training.Clip;
using Sightline.Training.Data;
using Sightline.Training.Steps;
using Sightline.Training.Tokenizer;
using static TorchSharp.torch;

namespace Sightline.Training.Tests.Clip;

/// <summary>Small CLIPs, a few pictures that can be told apart, and a loop around a task: what the tests of this folder run.</summary>
internal sealed class TinyClip : IDisposable
{
    internal const string ResNet = """{"tower": "resnet", "layers": [1, 1, 1, 1], "width": 4}""";
    internal const string Vit = """{"tower": "vit", "layers": 2, "width": 16, "heads": 2, "patch": 8}""";

    internal static readonly string[] Colours = ["red", "green", "blue", "yellow", "grey", "white", "black", "pink"];

    private readonly TemporaryFolder _folder = new();

    internal TinyClip()
    {
        Tokenizer = Folder("tokenizer");
        TokenizerTrainer.Train(
            Colours.Select(c => $"a picture in {c}"), new TokenizerSettings(60, 1), Tokenizer, CancellationToken.None);
    }

    internal string Tokenizer { get; }

    public void Dispose() => _folder.Dispose();

    internal string Folder(string name) => Directory.CreateDirectory(_folder.PathOf(name)).FullName;

    /// <param name="image">The tower, as in a configuration.</param>
    /// <param name="loss">The section of that name.</param>
    internal ClipSettings Settings(string image = Vit, string loss = "{}", string export = "fp32", int size = 32) => Read($$"""
        {
            "model": {
                "tokenizer": "{{Tokenizer}}", "size": {{size}}, "dimensions": 16, "image": {{image}},
                "text": {"layers": 2, "width": 16, "heads": 2, "context": 12}
            },
            "loss": {{loss}}, "export": {"type": "{{export}}"}
        }
        """);

    /// <param name="more">Of the section <c>model</c>.</param>
    internal static ClipSettings From(string folder, string more = "\"freeze\": []") => Read($$"""
        { "model": {"from": "{{folder}}", {{more}} }, "export": {"type": "fp32"} }
        """);

    internal static ClipSettings Read(string json)
    {
        var root = new ConfigSection("", (JsonObject)JsonNode.Parse(json)!);
        var settings = ClipSettings.Read(root, new TrainingPlaces("/", "/", new ModelCatalog("/none", "/none")));
        root.RequireAllRead();
        return settings;
    }

    internal static ClipTrainer Trainer(
        ClipSettings settings, ScalarType type = ScalarType.Float32, ITrainingData? validation = null, int labels = 0)
    {
        var task = new ClipTrainer(settings, validation, labels, CPU, type, seed: 5);

        // What is as small as this only waits for a second thread.
        set_num_threads(1);
        return task;
    }

    /// <summary>Pictures of one colour each with noise on it, the same every time.</summary>
    internal static TrainingBatch Batch(int side, string[] captions, int[]? samples = null, int[]? labels = null, int first = 0)
    {
        samples ??= [.. Enumerable.Range(first, captions.Length)];
        var pixels = samples.SelectMany(s => Pixels(s, side)).ToArray();
        return new TrainingBatch(
            tensor(pixels, [captions.Length, 3, side, side]), captions, samples, labels ?? [.. captions.Select(_ => -1)]);
    }

    internal static byte[] Pixels(int sample, int side)
    {
        var random = new Random(sample);
        byte[] colour = [(byte)random.Next(30, 226), (byte)random.Next(30, 226), (byte)random.Next(30, 226)];
        var pixels = new byte[3 * side * side];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(colour[i / (side * side)] + random.Next(-30, 30));
        }

        return pixels;
    }

    internal static TrainingBatch AllColours(int side = 32) => Batch(side, [.. Colours.Select(c => $"a picture in {c}")]);

    /// <summary>Parts of a batch, in order.</summary>
    internal static TrainingBatch[] Parts(TrainingBatch batch, int parts)
    {
        var size = batch.Count / parts;
        return [.. Enumerable.Range(0, parts).Select(p => new TrainingBatch(
            batch.Pixels.narrow(0, p * size, size), batch.Captions[(p * size)..((p + 1) * size)],
            batch.Samples[(p * size)..((p + 1) * size)], batch.Labels[(p * size)..((p + 1) * size)]))];
    }

    internal static IReadOnlyDictionary<string, double> Backward(ClipTrainer task, params TrainingBatch[] parts)
    {
        using var generator = new Generator(1);
        foreach (var trained in task.Parameters)
        {
            trained.Parameter.grad = null;
        }

        return task.Backward(parts, new StepContext(0, 1, generator));
    }

    /// <summary>Plain AdamW around a task.</summary>
    /// <returns>The loss before the first update and after the last.</returns>
    internal static (double First, double Last) Train(ClipTrainer task, IBatchSource source, int steps, double rate)
    {
        using var optimizer = optim.AdamW(task.Parameters.Select(p => p.Parameter), rate);
        double first = double.NaN, last = double.NaN;
        for (var step = 0; step < steps; step++)
        {
            var parts = source.Read(step, CancellationToken.None);
            last = Backward(task, [.. parts])["loss"];
            first = step == 0 ? last : first;
            optimizer.step();
            using (no_grad())
            {
                task.Updated();
            }

            foreach (var part in parts)
            {
                part.Dispose();
            }
        }

        return (first, last);
    }

    /// <summary>What a training would write: every parameter and buffer in float32.</summary>
    internal static Dictionary<string, Tensor> Weights(ClipTrainer task) =>
        task.Parameters.Select(p => (p.Name, Tensor: (Tensor)p.Parameter)).Concat(task.Buffers.Select(b => (b.Name, b.Tensor)))
            .ToDictionary(w => w.Name, w => w.Tensor.detach().to(ScalarType.Float32).clone());
}

/// <summary>The same batch every step, in parts.</summary>
internal sealed class RepeatedBatch(Func<TrainingBatch> make, int parts = 1) : IBatchSource
{
    public int BatchSize => TinyClip.Colours.Length;

    public long StepsPerEpoch => 1;

    public TimeSpan Waited => TimeSpan.Zero;

    public IReadOnlyList<TrainingBatch> Read(long step, CancellationToken cancellationToken)
    {
        var batch = make();
        return parts == 1 ? [batch] : TinyClip.Parts(batch, parts);
    }

    public void Dispose()
    {
    }
}

/// <summary>Held-out data in memory: the same pictures as <see cref="TinyClip.Batch"/> makes.</summary>
internal sealed class PicturesInMemory(int side, TrainingSample[] samples, params string[] labels) : ITrainingData
{
    public int Count => samples.Length;

    public TrainingSample this[int index] => samples[index];

    public IReadOnlyList<string> Labels => labels;

    public string Digest => "";

    public int Side => side;

    public void ReadPixels(int index, Span<byte> pixels) => TinyClip.Pixels(index, side).CopyTo(pixels);

    public void Dispose()
    {
    }
}
