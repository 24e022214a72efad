using Sightline.Models.Weights;
using static TorchSharp.torch;

namespace Sightline.Training.Generation;

/// <summary>Writes weights as models' folders hold them.</summary>
internal static class ModelFiles
{
    // Files of models in a repository are at most 16 MiB; what is left is for the header. A larger tensor has a file of its own.
    private const long MostBytes = 16 * 1024 * 1024 - 64 * 1024;

    /// <summary>Writes <c>STEM.safetensors</c>, or its shards and their index where that would be larger than 16 MiB.</summary>
    /// <param name="weights">By name; float32 numbers are converted, others are kept.</param>
    /// <param name="type">What float32 numbers are stored as.</param>
    internal static void Write(string folder, string stem, IEnumerable<KeyValuePair<string, Tensor>> weights, WeightType type)
    {
        List<TensorToWrite> tensors = [.. weights.Select(w => Stored(w.Key, w.Value, type))];
        if (tensors.Sum(t => t.Data.LongLength) > MostBytes)
        {
            SafetensorsWriter.WriteSharded(folder, tensors, MostBytes, stem);
        }
        else
        {
            SafetensorsWriter.Write(Path.Combine(folder, $"{stem}.safetensors"), tensors);
        }
    }

    /// <summary>Reads how weights are to be stored.</summary>
    internal static WeightType TypeOf(ConfigSection export) => export.Choice("weights", "fp32", "fp32", "bf16", "fp16") switch
    {
        "bf16" => WeightType.BFloat16,
        "fp16" => WeightType.Float16,
        _ => WeightType.Float32,
    };

    private static TensorToWrite Stored(string name, Tensor weights, WeightType type)
    {
        using var scope = NewDisposeScope();
        if (weights.dtype == ScalarType.Int64)
        {
            return new TensorToWrite(name, WeightType.Int64, weights.shape, weights.cpu().contiguous().bytes.ToArray());
        }

        var converted = weights.to(type switch
        {
            WeightType.BFloat16 => ScalarType.BFloat16,
            WeightType.Float16 => ScalarType.Float16,
            _ => ScalarType.Float32,
        }).cpu().contiguous();
        return new TensorToWrite(name, type, weights.shape, converted.bytes.ToArray());
    }
}
