using static TorchSharp.torch;

namespace Sightline.Training.Data;

/// <summary>What one pass forward and backward sees. Disposing it frees the pixels.</summary>
/// <param name="Pixels">[N, 3, S, S], uint8, on the device; augmented where the data is for training.</param>
/// <param name="Captions">N; one caption of each picture, empty where it has none.</param>
/// <param name="Samples">N indices into the data: equal ones are the same picture.</param>
/// <param name="Labels">N class numbers, -1 where there is none.</param>
internal sealed record TrainingBatch(Tensor Pixels, string[] Captions, int[] Samples, int[] Labels) : IDisposable
{
    internal int Count => Captions.Length;

    public void Dispose() => Pixels.Dispose();
}

/// <summary>Gives each step its batches. What a step sees follows from the seed and the step's number alone, so a resumed training sees
/// what an unbroken one would.</summary>
internal interface IBatchSource : IDisposable
{
    /// <summary>Pictures of one step, over all its parts.</summary>
    int BatchSize { get; }

    /// <summary>Steps that see every picture about once.</summary>
    long StepsPerEpoch { get; }

    /// <summary>What the calling thread has waited for pictures since the source was made: zero where they were always there in time.</summary>
    TimeSpan Waited { get; }

    /// <summary>The parts of a step, of equal size: more than one where gradients are accumulated. The caller disposes them.</summary>
    /// <param name="step">From 0 on; asked for in order.</param>
    IReadOnlyList<TrainingBatch> Read(long step, CancellationToken cancellationToken);
}
