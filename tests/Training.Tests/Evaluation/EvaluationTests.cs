using Sightline.Models;
using Sightline.Models.Clip;
using Sightline.Models.Generation;
using Sightline.Models.Images;
using Sightline.TestKit;
using Sightline.Training.Data;
using Sightline.Training.Evaluation;
using Sightline.Training.Probe;

namespace Sightline.Training.Tests.Evaluation;

/// <summary>Each evaluation from pictures to figures.</summary>
public sealed class EvaluationTests : IDisposable
{
    private static readonly ComputeOptions Cpu = new("cpu", "fp32");

    private readonly TemporaryFolder _folder = new();
    private readonly PointEmbedder _points = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Zero_shot_finds_colours_by_their_names()
    {
        TrainingSample[] samples = [.. Enumerable.Range(0, 31).Select(i => new TrainingSample($"{i}", [], i < 30 ? i % 3 : -1, 0))];
        using var data = new EvaluationData(new DrawnData(samples));
        var stages = new Stages();

        var report = await ZeroShotEvaluation.RunAsync(_points, data, ["{}"], 1, stages, CancellationToken.None);

        Assert.Equal((30, 1), (report.Pictures, report.Unlabelled));
        Assert.Equal(["as they are", "JPEG quality 50", "slightly blurred"], report.Variants.Select(v => v.Name));
        Assert.All(report.Variants, v => Assert.Equal(1, v.Figures.Top1.Share, 9));
        Assert.Equal(["blue", "green", "red"], report.Classes.Select(c => c.Class));
        Assert.Contains(new EvaluationProgress("pictures as they are", 30, 30), stages);
    }

    [Fact]
    public async Task Zero_shot_needs_classes_and_a_place_for_them()
    {
        using var data = new EvaluationData(new DrawnData([new TrainingSample("0", [], -1, 0)]));
        await Assert.ThrowsAsync<ArgumentException>(() => ZeroShotEvaluation.RunAsync(_points, data, null, 1, null, CancellationToken.None));
        using var more = new EvaluationData(DrawnData.Of(3));
        await Assert.ThrowsAsync<ArgumentException>(() => ZeroShotEvaluation.RunAsync(_points, more, ["a photo"], 1, null, CancellationToken.None));
    }

    [Fact]
    public async Task Retrieval_counts_each_language_among_all_pictures()
    {
        TrainingSample[] samples =
        [
            .. Enumerable.Range(0, 3).Select(i => new TrainingSample(
                $"{i}", [new TrainingCaption(ColourFolder.Colours[i], "en"), new TrainingCaption($"{i}", "de")], -1, 0)),
            new TrainingSample("3", [], -1, 0),
        ];
        using var data = new EvaluationData(new DrawnData(samples));

        var report = await RetrievalEvaluation.RunAsync(_points, data, null, CancellationToken.None);

        Assert.Equal(["de", "en", "all"], report.Languages.Select(l => l.Language));
        Assert.Equal((4, 1), (report.Pictures, report.Uncaptioned));
        var english = report.Languages[1].Figures;
        Assert.Equal((4, 3), (english.Images, english.Texts));
        Assert.Equal(1, english.ImageToText.RecallAt1, 9);
        Assert.Equal(6, report.Languages[2].Figures.TextToImage.Queries);
    }

    [Fact]
    public async Task A_probe_tells_colours_apart()
    {
        using var data = new EvaluationData(DrawnData.Of(200));
        using var test = new EvaluationData(DrawnData.Of(30));
        var options = ProbeOptions.Default with { Share = 0.2, Shots = [1, 2], Draws = 2 };

        var report = await ProbeEvaluation.RunAsync(_points, data, null, options, Cpu, null, CancellationToken.None);
        var tested = await ProbeEvaluation.RunAsync(_points, data, test, options, Cpu, null, CancellationToken.None);

        Assert.Equal(1, report.Top1.Share);
        Assert.Equal([1, 2], report.FewShot.Select(f => f.Shots));
        Assert.Equal(200, report.Train + report.Validation + report.Test);
        Assert.Equal((200, 30), (tested.Train + tested.Validation, tested.Test));
    }

    [Fact]
    public async Task Unmatched_queries_are_captions_of_what_was_held_out_or_classes_that_were()
    {
        using var captioned = new EvaluationData(DrawnData.Of(150));
        var byCaption = await UnmatchedEvaluation.RunAsync(_points, captioned, 0.3, "en", null, CancellationToken.None);
        Assert.Equal("captions", byCaption.Queries);
        Assert.Equal(150, byCaption.Figures.Matched + byCaption.Figures.Unmatched);
        Assert.Equal(byCaption.Figures.Matched, byCaption.Figures.Collection);

        using var classed = new EvaluationData(new DrawnData([.. Enumerable.Range(0, 150).Select(i => new TrainingSample($"{i}", [], i % 3, 0))]));
        var byClass = await UnmatchedEvaluation.RunAsync(_points, classed, 0.5, null, null, CancellationToken.None);
        Assert.Equal("classes", byClass.Queries);
        Assert.Equal(50, byClass.Figures.Collection);
        Assert.Equal((9, 18), (byClass.Figures.Matched, byClass.Figures.Unmatched));
    }

    [Fact]
    public async Task Reconstruction_judges_a_dvae_with_its_prior_or_alone()
    {
        TinyDalle.Write(_folder.Path);
        using var data = new EvaluationData(DrawnData.Of(20));
        using var model = PictureTokenizer.Load(_folder.Path, Cpu);

        var (report, sheet) = await ReconstructionEvaluation.RunAsync(model, data, null, CancellationToken.None);

        Assert.Equal((20, 12, 36), (report.Pictures, report.Side, report.TokensPerPicture));
        Assert.InRange(report.Psnr, 1, 40);
        Assert.InRange(report.Ssim!.Value, -1, 1);
        Assert.InRange(report.CodesUsed, 1, TinyDalle.Codes);
        Assert.InRange(report.Perplexity, 1, report.CodesUsed + 1e-9);
        Assert.Equal((4 + 8 * 16, 4 + 5 * 16), (sheet.Width, sheet.Height));

        // What a sheet shows of the first picture is the picture.
        Assert.Equal(ColourFolder.Draw(0).Pixels[..36], sheet.Pixels[((4 * sheet.Width + 4) * 3)..((4 * sheet.Width + 16) * 3)]);
    }

    [Fact]
    public async Task Generation_is_judged_by_another_than_who_chose()
    {
        TinyDalle.Write(_folder.Path);
        TrainingSample[] samples = [.. Enumerable.Range(0, 30).Select(i => new TrainingSample($"{i}", [new TrainingCaption($"thing {i}", "en")], -1, 0))];
        using var data = new EvaluationData(new DrawnData(samples));
        using var generator = ImageGenerator.Load(_folder.Path, Cpu);
        var options = new GenerationEvaluationOptions(Captions: 5, PicturesPerCaption: 3, Keep: 2, Choices: 20);
        var other = new PointEmbedder { Space = new EmbeddingSpace("other", new string('1', 64), 8) };

        var (report, sheet) = await GenerationEvaluation.RunAsync(generator, other, _points, data, options, null, CancellationToken.None);

        Assert.Equal((10, 5, 20), (report.Generated.Pictures, report.Real.Pictures, report.Choices));
        Assert.InRange(report.Generated.RightCaption.Share, 0, 1);
        Assert.Equal(5, report.SheetCaptions.Count);
        Assert.Equal((4 + 2 * 12, 4 + 5 * 12), (sheet.Width, sheet.Height));
        var again = await GenerationEvaluation.RunAsync(generator, other, _points, data, options, null, CancellationToken.None);
        Assert.Equal(sheet.Pixels, again.Sheet.Pixels);
        await Assert.ThrowsAsync<ArgumentException>(
            () => GenerationEvaluation.RunAsync(generator, new PointEmbedder(), _points, data, options, null, CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentException>(
            () => GenerationEvaluation.RunAsync(generator, null, _points, data, options with { Captions = 31 }, null, CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentException>(
            () => GenerationEvaluation.RunAsync(generator, null, _points, data, options with { Keep = 4 }, null, CancellationToken.None));
    }

    [Fact]
    public void The_right_caption_stands_out_of_the_others_or_not()
    {
        // Captions along four axes; two pictures for each of two captions: found, found, between two, on another's.
        float[] texts = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
        float[][] pictures = [[1, 0, 0, 0], [0.8f, 0.6f, 0, 0], [0, 0.7f, 0.7f, 0], [0, 0, 0, 1]];

        var judged = GenerationEvaluation.Judge(pictures, 2, [0, 1], [[1, 2, 3], [0, 2, 3]], texts, 4);

        Assert.Equal((1 + 0.8 + 0.7 + 0) / 4, judged.Matching, 6);
        Assert.Equal((0 + 0.6 / 3 + 0.7 / 3 + 1.0 / 3) / 4, judged.Mismatched, 6);
        Assert.Equal((1 + 1 + 0.5 + 0) / 4, judged.RightCaption.Share, 9);
        Assert.Equal(Proportion.Of(2.5 / 4, 2), judged.RightCaption);
    }

    [Fact]
    public void Blurring_keeps_the_mean_and_takes_the_contrast()
    {
        var pixels = new byte[100 * 100 * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)((i / 3 % 100 + i / 300) % 2 * 200);
        }

        var blurred = PictureVariant.All[2].Change!(new RgbImage(100, 100, pixels));

        Assert.Equal(100, blurred.Pixels.Average(p => p), 0.5);
        Assert.InRange(blurred.Pixels.Max() - blurred.Pixels.Min(), 0, 120);
    }

    /// <summary>The model's README has these figures, made by PyTorch.</summary>
    [SharedFact]
    public async Task The_bundled_model_finds_what_it_was_measured_to_find()
    {
        using var all = EvaluationSources.OfPath(SharedData.PathOf("data", "flickr8k.zip"), "val")
            .Open(64, _folder.PathOf("cache"), null, CancellationToken.None);
        using var data = new EvaluationData(new French(all.Pictures));
        using var embedder = ClipEmbedder.Load(Path.Combine(Repository.Root, "models", "sightline-clip-0"), Cpu);

        var report = await RetrievalEvaluation.RunAsync(embedder, data, null, CancellationToken.None);

        var found = Assert.Single(report.Languages).Figures.TextToImage;
        Assert.Equal(1.5, 100 * found.RecallAt1, 0.05);
        Assert.Equal(8.4, 100 * found.RecallAt5, 0.05);
        Assert.Equal(14.0, 100 * found.RecallAt10, 0.05);
        Assert.InRange(found.MedianRank, 107, 108);
    }

    // One caption of a picture, where other languages have five: the test is quick.
    private sealed class French(ITrainingData data) : ITrainingData
    {
        public int Count => data.Count;

        public IReadOnlyList<string> Labels => data.Labels;

        public string Digest => "";

        public int Side => data.Side;

        public TrainingSample this[int index] =>
            data[index] with { Captions = [.. data[index].Captions.Where(c => c.Language == "fr")] };

        public void ReadPixels(int index, Span<byte> pixels) => data.ReadPixels(index, pixels);

        public void Dispose()
        {
        }
    }

    private sealed class Stages : List<EvaluationProgress>, IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => Add(value);
    }
}
