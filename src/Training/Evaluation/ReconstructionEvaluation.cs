using System.Runtime.InteropServices;
using Sightline.Models.Images;
using static TorchSharp.torch;

namespace Sightline.Training.Evaluation;

/// <summary>What is left of pictures that went through tokens.</summary>
/// <param name="Model">That was judged.</param>
/// <param name="Side">Of the pictures, in pixels.</param>
/// <param name="TokensPerPicture">Of each picture.</param>
/// <param name="Psnr">Mean over the pictures of their peak signal-to-noise ratio, in decibels; identical ones count as 100.</param>
/// <param name="Ssim">Mean structural similarity, up to 1; null for pictures below 11 x 11.</param>
/// <param name="Vocabulary">Codes that there are.</param>
/// <param name="CodesUsed">Codes that occur.</param>
/// <param name="Perplexity">exp of the codes' entropy: as many equally frequent codes would say as much.</param>
public sealed record ReconstructionReport(
    string Model, string DataDigest, int Pictures, int Side, int TokensPerPicture, double Psnr, double? Ssim, int Vocabulary, int CodesUsed,
    double Perplexity);

/// <summary>Reconstruction by a dVAE or VQGAN: pictures to the likeliest tokens and back.</summary>
public static class ReconstructionEvaluation
{
    private const int BatchSize = 16;
    private const int SheetRows = 8;
    private const int PairsInRow = 4;

    /// <param name="data">Of a side that the model's factor divides.</param>
    /// <returns>The figures, and a sheet of originals, each with its reconstruction to the right.</returns>
    /// <exception cref="ArgumentException">The side does not fit the model.</exception>
    public static async Task<(ReconstructionReport Report, RgbImage Sheet)> RunAsync(
        PictureTokenizer model, EvaluationData data, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        var side = data.Pictures.Side;
        if (side % model.Tokens.Factor != 0)
        {
            throw new ArgumentException($"Pictures of {side} x {side} are no whole number of tokens of {model.Tokens.Factor} x {model.Tokens.Factor}.");
        }

        var tally = new Tally(new long[model.Tokens.Vocabulary], [], [], []);
        await foreach (var batch in PictureBatches.ReadAsync(data.Pictures, [.. Enumerable.Range(0, data.Count)], BatchSize, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (batch.Length > 0)
            {
                Reconstruct(model, batch, tally);
                progress?.Report(new EvaluationProgress("pictures", tally.Psnr.Count, data.Count));
            }
        }

        var tokens = side / model.Tokens.Factor;
        return (new ReconstructionReport(
            model.Name, data.Digest, tally.Psnr.Count, side, tokens * tokens, tally.Psnr.Average(),
            tally.Ssim.Count > 0 ? tally.Ssim.Average() : null, model.Tokens.Vocabulary, tally.Codes.Count(c => c > 0), Perplexity(tally.Codes)),
            ContactSheet.Draw([.. tally.Sheet.Chunk(2 * PairsInRow)]));
    }

    /// <summary>exp of the entropy of counts.</summary>
    internal static double Perplexity(long[] counts)
    {
        double sum = counts.Sum();
        return Math.Exp(-counts.Where(c => c > 0).Sum(c => c / sum * Math.Log(c / sum)));
    }

    private static void Reconstruct(PictureTokenizer model, RgbImage[] batch, Tally tally)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        var side = batch[0].Width;
        var bytes = tensor([.. batch.SelectMany(b => b.Pixels)], [batch.Length, side, side, 3]).to(model.Device);
        var pixels = (bytes.permute(0, 3, 1, 2).to(ScalarType.Float32) / 255).contiguous();
        var codes = model.Tokens.Codes(pixels);
        foreach (var code in MemoryMarshal.Cast<byte, long>(codes.cpu().contiguous().bytes))
        {
            tally.Codes[code]++;
        }

        // Judged as the bytes that people get to see.
        var back = (model.Tokens.Decode(codes) * 255 + 0.5).to(ScalarType.Byte);
        var seen = back.to(ScalarType.Float32) / 255;
        tally.Psnr.AddRange(PictureQuality.Psnr(pixels, seen));
        if (PictureQuality.HasSsim(side))
        {
            tally.Ssim.AddRange(PictureQuality.Ssim(pixels, seen));
        }

        var rows = back.permute(0, 2, 3, 1).contiguous().cpu();
        for (var i = 0; i < batch.Length && tally.Sheet.Count < 2 * PairsInRow * SheetRows; i++)
        {
            tally.Sheet.Add(batch[i]);
            tally.Sheet.Add(new RgbImage(side, side, rows.bytes.Slice(i * side * side * 3, side * side * 3).ToArray()));
        }
    }

    private sealed record Tally(long[] Codes, List<double> Psnr, List<double> Ssim, List<RgbImage> Sheet);
}
