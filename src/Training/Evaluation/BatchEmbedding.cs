using Sightline.Models;
using Sightline.Models.Images;
using Sightline.Training.Data;

namespace Sightline.Training.Evaluation;

/// <summary>Many embeddings as one array, [N, E] row by row, each of unit length.</summary>
internal static class BatchEmbedding
{
    private const int ImageBatch = 128;
    private const int TextBatch = 256;

    /// <param name="change">Done to every picture before it is embedded; null: nothing.</param>
    internal static async Task<float[]> EmbedImagesAsync(
        this IEmbedder embedder, ITrainingData data, IReadOnlyList<int> indices, Func<RgbImage, RgbImage>? change, string stage,
        IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        var result = new float[(long)indices.Count * embedder.Space.Dimensions];
        var done = 0;
        await foreach (var batch in PictureBatches.ReadAsync(data, indices, ImageBatch, cancellationToken))
        {
            RgbImage[] changed = change is null ? batch : [.. batch.AsParallel().AsOrdered().WithCancellation(cancellationToken).Select(change)];
            Copy(embedder.EmbedImages(changed, cancellationToken), result, done);
            done += batch.Length;
            progress?.Report(new EvaluationProgress(stage, done, indices.Count));
        }

        return result;
    }

    internal static float[] EmbedTexts(
        this IEmbedder embedder, IReadOnlyList<string> texts, string stage, IProgress<EvaluationProgress>? progress,
        CancellationToken cancellationToken)
    {
        var result = new float[(long)texts.Count * embedder.Space.Dimensions];
        for (var at = 0; at < texts.Count; at += TextBatch)
        {
            string[] batch = [.. texts.Skip(at).Take(TextBatch)];
            Copy(embedder.EmbedTexts(batch, cancellationToken), result, at);
            progress?.Report(new EvaluationProgress(stage, at + batch.Length, texts.Count));
        }

        return result;
    }

    private static void Copy(Embedding[] from, float[] to, int row)
    {
        foreach (var embedding in from)
        {
            embedding.Values.CopyTo(to.AsSpan(row++ * embedding.Values.Length));
        }
    }
}
