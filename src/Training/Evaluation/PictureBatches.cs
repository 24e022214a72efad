using System.Runtime.CompilerServices;
using Sightline.Models.Images;
using Sightline.Training.Data;

namespace Sightline.Training.Evaluation;

/// <summary>Reads pictures on all cores, one batch ahead of whoever uses them.</summary>
internal static class PictureBatches
{
    internal static async IAsyncEnumerable<RgbImage[]> ReadAsync(
        ITrainingData data, IReadOnlyList<int> indices, int batchSize, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = Begin(0);
        for (var at = 0; at < indices.Count; at += batchSize)
        {
            var batch = await next;
            next = Begin(at + batchSize);
            yield return batch;
        }

        await next;

        Task<RgbImage[]> Begin(int start) => Task.Run(() => ReadBatch(data, indices, start, batchSize, cancellationToken), cancellationToken);
    }

    /// <summary>Planes of red, green and blue as interleaved pixels.</summary>
    internal static RgbImage Read(ITrainingData data, int index)
    {
        var plane = data.Side * data.Side;
        var planes = new byte[3 * plane];
        data.ReadPixels(index, planes);
        var pixels = new byte[3 * plane];
        for (var i = 0; i < plane; i++)
        {
            pixels[3 * i] = planes[i];
            pixels[3 * i + 1] = planes[plane + i];
            pixels[3 * i + 2] = planes[2 * plane + i];
        }

        return new RgbImage(data.Side, data.Side, pixels);
    }

    private static RgbImage[] ReadBatch(
        ITrainingData data, IReadOnlyList<int> indices, int start, int batchSize, CancellationToken cancellationToken)
    {
        var batch = new RgbImage[Math.Clamp(indices.Count - start, 0, batchSize)];
        Parallel.For(0, batch.Length, new ParallelOptions { CancellationToken = cancellationToken }, i => batch[i] = Read(data, indices[start + i]));
        return batch;
    }
}
