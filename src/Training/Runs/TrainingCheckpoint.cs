using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sightline.Models.Weights;
using Sightline.Training.Steps;
using static TorchSharp.torch;

namespace Sightline.Training.Runs;

/// <summary>
/// Everything that a training needs to go on as if it had never stopped, in a folder of its own:
/// <code>
/// weights.safetensors   weights.NAME (float32 masters), averages.NAME, buffers.NAME
/// optimizer.bin         as TorchSharp's save_state_dict writes it
/// state.json            CheckpointState
/// SHA256SUMS            of these three, as sha256sum writes and checks them
/// </code>
/// </summary>
internal static class TrainingCheckpoint
{
    private const string Prefix = "step-";
    private const string WeightsFile = "weights.safetensors";
    private const string OptimizerFile = "optimizer.bin";
    private const string StateFile = "state.json";
    private const string SumsFile = "SHA256SUMS";

    private static readonly string[] Files = [WeightsFile, OptimizerFile, StateFile];

    /// <summary>Steps of the checkpoints that are there, the newest last.</summary>
    internal static IReadOnlyList<long> List(RunFolder folder) => Directory.Exists(folder.Checkpoints)
        ? [.. Directory.GetDirectories(folder.Checkpoints, Prefix + "*").Select(path => Path.GetFileName(path)[Prefix.Length..])
            .Where(name => name.All(char.IsAsciiDigit)).Select(name => long.Parse(name, CultureInfo.InvariantCulture)).Order()]
        : [];

    /// <summary>Writes a checkpoint, whole or not at all, then removes those that are neither among the newest nor the best.</summary>
    internal static void Write(RunFolder folder, CheckpointState state, TrainedWeights weights, int keep)
    {
        Directory.CreateDirectory(folder.Checkpoints);
        DurableFiles.WriteFolder(PathOf(folder, state.Step), temporary => WriteFiles(temporary, state, weights));
        foreach (var step in List(folder).SkipLast(keep).Where(step => step != state.BestStep))
        {
            DurableFiles.RemoveFolder(PathOf(folder, step));
        }
    }

    /// <summary>Reads a checkpoint into the weights and the optimizer.</summary>
    /// <exception cref="TrainingException">It is damaged, of another model or of another origin; names the checkpoint and the cause.</exception>
    internal static CheckpointState Read(RunFolder folder, long step, TrainingOrigin origin, TrainedWeights weights)
    {
        var path = PathOf(folder, step);
        CheckSums(path);
        var state = ReadState(path);
        if (origin.Conflict(state.Origin) is { } conflict)
        {
            throw new TrainingException($"{path} cannot be gone on from: {conflict}.");
        }

        ReadWeights(path, weights);
        try
        {
            weights.Optimizer.load_state_dict(Path.Combine(path, OptimizerFile));
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException or EndOfStreamException)
        {
            throw new TrainingException($"{path}/{OptimizerFile} does not fit this training: {e.Message}", e);
        }

        weights.Restored(state.Updates);
        return state;
    }

    private static string PathOf(RunFolder folder, long step) =>
        Path.Combine(folder.Checkpoints, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:D8}"));

    private static void WriteFiles(string folder, CheckpointState state, TrainedWeights weights)
    {
        SafetensorsWriter.Write(Path.Combine(folder, WeightsFile), [.. weights.Tensors().Select(t => ToWrite(t.Name, t.Tensor))]);
        weights.Optimizer.save_state_dict(Path.Combine(folder, OptimizerFile));
        File.WriteAllText(Path.Combine(folder, StateFile), JsonSerializer.Serialize(state, TrainingJson.Indented) + "\n");
        var sums = new StringBuilder();
        foreach (var file in Files)
        {
            sums.Append(SumOf(Path.Combine(folder, file))).Append("  ").Append(file).Append('\n');
        }

        File.WriteAllText(Path.Combine(folder, SumsFile), sums.ToString());
    }

    private static string SumOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static TensorToWrite ToWrite(string name, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var type = tensor.dtype switch
        {
            ScalarType.Float32 => WeightType.Float32,
            ScalarType.BFloat16 => WeightType.BFloat16,
            ScalarType.Float16 => WeightType.Float16,
            ScalarType.Int64 => WeightType.Int64,
            var other => throw new NotSupportedException($"{name} is {other}; checkpoints hold float32, bfloat16, float16 and int64."),
        };
        return new TensorToWrite(name, type, tensor.shape, tensor.detach().cpu().contiguous().bytes.ToArray());
    }

    private static void CheckSums(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(Path.Combine(path, SumsFile));
        }
        catch (FileNotFoundException e)
        {
            throw Damaged(path, $"{SumsFile} is missing", e);
        }

        foreach (var file in Files)
        {
            var expected = lines.FirstOrDefault(l => l.EndsWith("  " + file, StringComparison.Ordinal))?.Split(' ')[0]
                ?? throw Damaged(path, $"{SumsFile} has no line for {file}");
            if (!File.Exists(Path.Combine(path, file)))
            {
                throw Damaged(path, $"{file} is missing");
            }

            if (SumOf(Path.Combine(path, file)) != expected)
            {
                throw Damaged(path, $"{file} is not what was written");
            }
        }
    }

    private static TrainingException Damaged(string path, string cause, Exception? inner = null) => new(
        $"The checkpoint {path} is damaged: {cause}. Remove it to go on from the one before.", inner);

    private static CheckpointState ReadState(string path)
    {
        try
        {
            var state = JsonSerializer.Deserialize<CheckpointState>(File.ReadAllBytes(Path.Combine(path, StateFile)), TrainingJson.Indented)!;
            return state.Version == CheckpointState.CurrentVersion ? state : throw new TrainingException(
                $"{path} is a checkpoint of format {state.Version}; this program reads {CheckpointState.CurrentVersion}: resume with the program that wrote it.");
        }
        catch (JsonException e)
        {
            throw Damaged(path, e.Message, e);
        }
    }

    private static void ReadWeights(string path, TrainedWeights weights)
    {
        using var guard = no_grad();
        using var file = Checkpoint.Open(Path.Combine(path, WeightsFile));
        var expected = weights.Tensors().ToDictionary(t => t.Name, t => t.Tensor);
        var odd = expected.Keys.Except(file.Tensors.Keys).Select(n => $"{n} is missing")
            .Concat(file.Tensors.Keys.Except(expected.Keys).Select(n => $"{n} is unknown"))
            .Concat(expected.Where(e => file.Tensors.TryGetValue(e.Key, out var t) && !t.Shape.SequenceEqual(e.Value.shape))
                .Select(e => $"{e.Key} is [{string.Join(", ", file.Tensors[e.Key].Shape)}], not [{string.Join(", ", e.Value.shape)}]"));
        if (odd.FirstOrDefault() is { } first)
        {
            throw new TrainingException($"{path}/{WeightsFile} does not fit this model: {first}.");
        }

        foreach (var (name, target) in expected)
        {
            using var scope = NewDisposeScope();
            var stored = file.Tensors[name];
            var saved = stored.Type == WeightType.Int64
                ? tensor(stored.ReadIntegers(), stored.Shape)
                : tensor(stored.ReadFloats(), stored.Shape);
            target.copy_(saved);
        }
    }
}
