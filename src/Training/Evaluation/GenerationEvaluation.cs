using System.Numerics.Tensors;
using Sightline.Models;
using Sightline.Models.Generation;
using Sightline.Models.Images;

namespace Sightline.Training.Evaluation;

/// <param name="Captions">How many are drawn, each of another picture.</param>
/// <param name="PicturesPerCaption">Made for each.</param>
/// <param name="Keep">Of these, judged: the best by the reranker, or the first where there is none.</param>
/// <param name="Choices">Captions that a picture's own must stand out of, itself among them.</param>
/// <param name="Language">Of the captions; null: any.</param>
/// <param name="Seed">Of which captions, which others and the pictures.</param>
public sealed record GenerationEvaluationOptions(
    int Captions = 100, int PicturesPerCaption = 4, int Keep = 1, int Choices = 100, string? Language = null, long Seed = 0);

/// <summary>What a judge says of pictures and the captions that they were made for.</summary>
/// <param name="Pictures">Judged.</param>
/// <param name="Matching">Mean cosine with their own caption: the CLIP score (Hessel et al., arXiv 2104.08718) without its factor 2.5 and its
/// cut at zero.</param>
/// <param name="Mismatched">Mean cosine with the other captions they are compared with.</param>
/// <param name="RightCaption">Share whose own caption scores highest. The interval counts a caption once, however many pictures it has:
/// they are not independent.</param>
public sealed record JudgedPictures(int Pictures, double Matching, double Mismatched, Proportion RightCaption);

/// <param name="Reranker">Null: the first pictures are kept.</param>
/// <param name="Choices">Captions that a picture's own stands among.</param>
/// <param name="Generated">The model's pictures.</param>
/// <param name="Real">The photographs that the captions were written for: what the judge makes of the truth.</param>
/// <param name="SheetCaptions">Of the sheet's rows, from the top.</param>
public sealed record GenerationReport(
    string Model, string? Reranker, string Judge, string DataDigest, int Captions, int PicturesPerCaption, int Kept, int Choices,
    JudgedPictures Generated, JudgedPictures Real, IReadOnlyList<string> SheetCaptions);

/// <summary>
/// Judges an image generator on captions that it was not trained on, by a CLIP that took no part in choosing its pictures.
/// </summary>
public static class GenerationEvaluation
{
    private const int SheetRows = 8;
    private const int SheetColumns = 8;

    /// <param name="reranker">Chooses among the pictures of a caption; null: none is chosen.</param>
    /// <exception cref="ArgumentException">The judge is the reranker, an option is outside its range, or the data have too few
    /// captions.</exception>
    public static async Task<(GenerationReport Report, RgbImage Sheet)> RunAsync(
        ImageGenerator generator, IEmbedder? reranker, IEmbedder judge, EvaluationData data, GenerationEvaluationOptions options,
        IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        RequireApart(reranker?.Space, judge.Space);
        var all = CaptionChoices.Of(data.Pictures, options.Language);
        Check(options, all.Count);
        var chosen = all.Draw(options.Captions, options.Seed);
        var texts = judge.EmbedTexts([.. all.Texts], "captions", progress, cancellationToken);
        var made = new List<RgbImage[]>();
        foreach (var (number, caption) in chosen.Index())
        {
            made.Add(Make(generator, reranker, all.Texts[caption], options, options.Seed + number, cancellationToken));
            progress?.Report(new EvaluationProgress("captions drawn", made.Count, chosen.Length));
        }

        var generated = made.SelectMany(pictures => Embed(judge, pictures, cancellationToken)).ToList();
        var real = await judge.EmbedImagesAsync(
            data.Pictures, [.. chosen.Select(c => all.Owners[c])], null, "photographs", progress, cancellationToken);
        var dimensions = judge.Space.Dimensions;
        var choices = Math.Min(options.Choices, all.Count);
        var others = chosen.Select((c, i) => all.DrawOthers(c, choices - 1, options.Seed + i)).ToArray();
        var report = new GenerationReport(
            generator.Name, reranker?.Space.Model, judge.Space.Model, data.Digest, chosen.Length, options.PicturesPerCaption, options.Keep, choices,
            Judge(generated, options.Keep, chosen, others, texts, dimensions),
            Judge([.. real.Chunk(dimensions)], 1, chosen, others, texts, dimensions), [.. chosen.Take(SheetRows).Select(c => all.Texts[c])]);
        return (report, ContactSheet.Draw([.. made.Take(SheetRows).Select(m => m.Take(SheetColumns).ToArray())]));
    }

    /// <summary>Judges pictures, so many in a row for each caption.</summary>
    /// <param name="pictures">Of unit length.</param>
    /// <param name="chosen">For each caption, its row in <paramref name="texts"/>.</param>
    /// <param name="others">For each caption, the rows that it must stand out of.</param>
    internal static JudgedPictures Judge(
        IReadOnlyList<float[]> pictures, int perCaption, int[] chosen, int[][] others, float[] texts, int dimensions)
    {
        double matching = 0, mismatched = 0, right = 0;
        foreach (var (number, picture) in pictures.Index())
        {
            var caption = number / perCaption;
            var own = Score(picture, chosen[caption]);
            float[] wrong = [.. others[caption].Select(o => Score(picture, o))];
            matching += own;
            mismatched += wrong.Average();
            right += new RankAmongTies(wrong.Count(w => w > own), wrong.Count(w => w == own), 1).Within(1);
        }

        var count = pictures.Count;
        return new JudgedPictures(count, matching / count, mismatched / count, Proportion.Of(right / count, chosen.Length));

        float Score(float[] picture, int text) => TensorPrimitives.Dot(picture, texts.AsSpan(text * dimensions, dimensions));
    }

    /// <exception cref="ArgumentException">Both are the same weights: who chose the pictures would judge them.</exception>
    internal static void RequireApart(EmbeddingSpace? reranker, EmbeddingSpace judge)
    {
        if (reranker is not null && reranker.Digest == judge.Digest)
        {
            throw new ArgumentException($"{judge.Model} cannot judge pictures that {reranker.Model}, which has the same weights, has chosen.");
        }
    }

    private static void Check(GenerationEvaluationOptions options, int captions)
    {
        if (options.Captions < 1 || options.Captions > captions || options.Choices < 2 || captions < 2)
        {
            throw new ArgumentException(
                $"The data have {captions} pictures of different captions: {options.Captions} of them with {options.Choices} choices cannot be.");
        }

        if (options.Keep < 1 || options.Keep > options.PicturesPerCaption)
        {
            throw new ArgumentException($"Of {options.PicturesPerCaption} pictures of a caption, {options.Keep} cannot be kept.");
        }
    }

    private static RgbImage[] Make(
        ImageGenerator generator, IEmbedder? reranker, string caption, GenerationEvaluationOptions options, long seed,
        CancellationToken cancellationToken)
    {
        var request = new GenerationRequest(caption, generator.Defaults with { Count = options.PicturesPerCaption, Seed = seed });
        RgbImage[] pictures = [.. generator.Generate(request, null, cancellationToken).Select(g => g.Image)];
        if (reranker is null)
        {
            return pictures[..options.Keep];
        }

        var text = reranker.EmbedTexts([caption], cancellationToken)[0];
        var scores = reranker.EmbedImages(pictures, cancellationToken).Select(e => e.Similarity(text));
        return [.. pictures.Zip(scores).OrderByDescending(p => p.Second).Take(options.Keep).Select(p => p.First)];
    }

    private static IEnumerable<float[]> Embed(IEmbedder judge, RgbImage[] pictures, CancellationToken cancellationToken) =>
        judge.EmbedImages(pictures, cancellationToken).Select(e => e.Values.ToArray());
}
