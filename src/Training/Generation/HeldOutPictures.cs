using Sightline.Training.Data;
using static TorchSharp.torch;

namespace Sightline.Training.Generation;

/// <summary>Reads pictures that a model is not trained on, unaugmented, some at a time.</summary>
internal static class HeldOutPictures
{
    /// <summary>What goes through a model at once.</summary>
    internal const int BatchSize = 64;

    /// <param name="indices">Into the data.</param>
    /// <returns>[N, 3, S, S] in [0, 1], float32; the caller's to dispose.</returns>
    internal static Tensor Read(ITrainingData data, IReadOnlyList<int> indices, Device device)
    {
        using var scope = NewDisposeScope();
        var size = 3 * data.Side * data.Side;
        var bytes = new byte[indices.Count * size];
        for (var i = 0; i < indices.Count; i++)
        {
            data.ReadPixels(indices[i], bytes.AsSpan(i * size, size));
        }

        var pixels = tensor(bytes, [indices.Count, 3, data.Side, data.Side]).to(device);
        return (pixels.to(ScalarType.Float32) / 255).MoveToOuterDisposeScope();
    }
}
