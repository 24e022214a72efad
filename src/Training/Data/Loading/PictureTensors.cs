using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Data;

/// <summary>Pictures of the data as tensors.</summary>
internal static class PictureTensors
{
    /// <returns>[N, 3, Side, Side], uint8, on the device.</returns>
    internal static Tensor Read(ITrainingData data, ReadOnlySpan<int> samples, Device device)
    {
        using var scope = NewDisposeScope();
        var length = 3 * data.Side * data.Side;
        var pixels = empty([samples.Length, 3, data.Side, data.Side], ScalarType.Byte);
        var bytes = pixels.bytes;
        for (var i = 0; i < samples.Length; i++)
        {
            data.ReadPixels(samples[i], bytes.Slice(i * length, length));
        }

        // From pinned memory the copy needs no wait; libtorch keeps the memory until the copy is done.
        var there = device.type == DeviceType.CPU ? pixels : pixels.pin_memory().to(device, non_blocking: true);
        return there.MoveToOuterDisposeScope();
    }

    /// <summary>Pictures in a fixed order as a model is judged by: whole, at its input's size, not augmented.</summary>
    /// <param name="samples">Indices into the data.</param>
    /// <param name="side">Of the model's input.</param>
    /// <returns>Batches with each picture's first caption; the caller disposes them.</returns>
    internal static IEnumerable<TrainingBatch> ReadBatches(
        ITrainingData data, IReadOnlyList<int> samples, int batchSize, int side, Device device, CancellationToken cancellationToken)
    {
        foreach (var chunk in samples.Chunk(batchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return ReadBatch(data, chunk, side, device);
        }
    }

    private static TrainingBatch ReadBatch(ITrainingData data, int[] samples, int side, Device device)
    {
        using var scope = NewDisposeScope();
        using var without = no_grad();
        var known = samples.Select(i => data[i]).ToList();
        var pixels = Augmentation.Whole(Read(data, samples, device), side);
        return new TrainingBatch(
            pixels.DetachFromDisposeScope(), [.. known.Select(s => s.Captions.Count == 0 ? "" : s.Captions[0].Text)], samples,
            [.. known.Select(s => s.Label)]);
    }
}
