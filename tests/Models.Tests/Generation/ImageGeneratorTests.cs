using Sightline.Models.Generation;
using Sightline.Models.Images;
using Sightline.Models.Weights;
using Sightline.TestKit;
using TorchSharp;

namespace Sightline.Models.Tests.Generation;

/// <summary>From caption to pictures, through the folder that a user names.</summary>
public sealed class ImageGeneratorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Candidates_are_pictures_of_the_model_s_size_with_their_tokens()
    {
        using var generator = Load();
        var images = Generate(generator, "a red ball", new SamplingOptions(Count: 3, Seed: 5));

        Assert.Equal([0, 1, 2], images.Select(i => i.Candidate));
        Assert.All(images, i => Assert.Equal((10, 8), (i.Image.Width, i.Image.Height)));
        Assert.All(images, i => Assert.Equal(i.Image.Pixels, generator.Picture(i.Tokens).Pixels));
        Assert.Equal(3, images.Select(Tokens).Distinct().Count());
        Assert.True(images.SelectMany(i => i.Tokens.Values.ToArray()).Distinct().Count() > 10);
    }

    [Fact]
    public void The_same_seed_gives_the_same_pictures_and_another_seed_others()
    {
        using var generator = Load();
        var options = new SamplingOptions(Count: 2, Seed: 5, TopK: 20, TopP: 0.95, Guidance: 2);

        var first = Generate(generator, "a red ball", options);
        var again = Generate(generator, "a red ball", options);
        var other = Generate(generator, "a red ball", options with { Seed = 6 });

        Assert.Equal(first.Select(Tokens), again.Select(Tokens));
        Assert.Equal(first.Select(i => Convert.ToHexString(i.Image.Pixels)), again.Select(i => Convert.ToHexString(i.Image.Pixels)));
        Assert.Empty(first.Select(Tokens).Intersect(other.Select(Tokens)));
    }

    [Fact]
    public void A_model_loaded_again_gives_the_same_pictures_and_digest()
    {
        string tokens, digest;
        using (var generator = Load())
        {
            tokens = Tokens(Generate(generator, "a red ball", new SamplingOptions())[0]);
            digest = generator.WeightsDigest;
        }

        using var reloaded = ImageGenerator.Load(_folder.Path, TinyModels.Cpu);
        Assert.Equal(tokens, Tokens(Generate(reloaded, "a red ball", new SamplingOptions())[0]));
        Assert.Equal(digest, reloaded.WeightsDigest);
    }

    [Fact]
    public void A_candidate_does_not_depend_on_how_many_are_made_with_it()
    {
        using var generator = Load();
        var four = Generate(generator, "a red ball", new SamplingOptions(Count: 4, Seed: 1));
        var one = Generate(generator, "a red ball", new SamplingOptions(Count: 1, Seed: 1));

        Assert.Equal(Tokens(four[0]), Tokens(one[0]));
    }

    [Fact]
    public void The_caption_matters_and_more_so_with_guidance()
    {
        using var generator = Load();
        var options = new SamplingOptions(Count: 16, Seed: 3);

        Assert.True(Agreement(1) < 0.9);
        Assert.True(Agreement(6) < Agreement(1));

        // How many tokens two captions have in common, chance being equal.
        double Agreement(double guidance)
        {
            var ball = Generate(generator, "a red ball", options with { Guidance = guidance });
            var house = Generate(generator, "two green houses", options with { Guidance = guidance });
            return ball.Zip(house).SelectMany(p => p.First.Tokens.Values.ToArray().Zip(p.Second.Tokens.Values.ToArray()))
                .Average(p => p.First == p.Second ? 1 : 0);
        }
    }

    [Fact]
    public void Without_a_caption_guidance_changes_nothing()
    {
        using var generator = Load();
        var options = new SamplingOptions(Count: 2, Seed: 3);
        Assert.Equal(
            Generate(generator, "", options).Select(Tokens), Generate(generator, "", options with { Guidance = 5 }).Select(Tokens));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   \t\n ")]
    [InlineData("собака в шляпе 犬が帽子をかぶる كلب 🐶🎩")]
    [InlineData("\ud83d \0 <|endoftext|> a dog")]
    public void Any_caption_is_drawn(string caption)
    {
        using var generator = Load();
        Assert.Single(Generate(generator, caption, new SamplingOptions(Guidance: 2)));
    }

    [Fact]
    public void A_caption_of_10_000_characters_is_cut()
    {
        using var generator = Load();
        Assert.Single(Generate(generator, string.Concat(Enumerable.Repeat("dog ", 2_500)), new SamplingOptions()));
        Assert.Single(Generate(generator, new string('x', 10_000), new SamplingOptions()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public void The_top_rows_of_a_picture_stay_and_the_rest_is_new(int rows)
    {
        using var generator = Load();
        var start = Generate(generator, "a red ball", new SamplingOptions(Seed: 1))[0];
        var top = FixedTokens.TopRows(start.Tokens, rows);
        var request = new GenerationRequest("two green houses", new SamplingOptions(3, 9, Guidance: 2), top);

        var images = generator.Generate(request, null, CancellationToken.None);

        var kept = rows * 5;
        Assert.All(images, i => Assert.Equal(start.Tokens.Values[..kept], i.Tokens.Values[..kept]));
        Assert.Equal(rows == 4 ? 1 : 3, images.Select(Tokens).Distinct().Count());
    }

    [Fact]
    public void A_token_given_with_others_is_a_token_chosen_after_them()
    {
        using var generator = Load();
        var start = Generate(generator, "a red ball", new SamplingOptions(Seed: 1))[0].Tokens;
        var options = new SamplingOptions(2, 9, Guidance: 2);

        // Nine tokens are given and the tenth is chosen; then the ten are given: the rest is the same.
        var nine = FixedTokens.Where(start, [.. Enumerable.Range(0, 20).Select(at => at < 9)]);
        var first = generator.Generate(new GenerationRequest("a dog", options, nine), null, CancellationToken.None);
        var two = FixedTokens.TopRows(first[0].Tokens, 2);
        var second = generator.Generate(new GenerationRequest("a dog", options, two), null, CancellationToken.None);

        Assert.Equal(Tokens(first[0]), Tokens(second[0]));
    }

    [Fact]
    public void Tokens_outside_a_hole_stay()
    {
        using var generator = Load();
        var start = Generate(generator, "a red ball", new SamplingOptions(Seed: 1))[0].Tokens;
        bool[] stays = [.. Enumerable.Range(0, 20).Select(at => at is not (6 or 7 or 11 or 12))];

        var images = generator.Generate(
            new GenerationRequest("a dog", new SamplingOptions(8, 2), FixedTokens.Where(start, stays)), null, CancellationToken.None);

        Assert.All(images, i => Assert.All(
            Enumerable.Range(0, 20).Where(at => stays[at]), at => Assert.Equal(start.Values[at], i.Tokens.Values[at])));
        Assert.True(images.Select(Tokens).Distinct().Count() > 4);
    }

    [Fact]
    public void Tokens_of_another_grid_are_refused()
    {
        using var generator = Load();
        var foreign = new ImageTokens(new TokenGrid(2, 2, 24), [1, 2, 3, 4]);

        Assert.Throws<ArgumentException>(() =>
            generator.Begin(new GenerationRequest("", new SamplingOptions(), FixedTokens.TopRows(foreign, 1))));
        Assert.Throws<ArgumentException>(() => generator.Picture(foreign));
        Assert.Throws<ArgumentException>(() => new ImageTokens(generator.Tokens, [1]));
        Assert.Throws<ArgumentException>(() => new ImageTokens(generator.Tokens, [.. Enumerable.Repeat(24, 20)]));
    }

    [Fact]
    public void Progress_is_told_after_every_token()
    {
        using var generator = Load();
        var progress = new Recorder();

        generator.Generate(new GenerationRequest("a dog", new SamplingOptions(2)), progress, CancellationToken.None);

        Assert.Equal(Enumerable.Range(1, 20).Select(done => new GenerationProgress(done, 20)), progress.Reports);
    }

    [Fact]
    public void Cancelling_in_the_middle_stops_before_the_next_token_and_leaves_nothing_behind()
    {
        using var generator = Load();
        using var cancellation = new CancellationTokenSource();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var progress = new Recorder { After = report => Cancel(report.TokensDone) };

        Assert.Throws<OperationCanceledException>(() =>
            generator.Generate(new GenerationRequest("a dog", new SamplingOptions(2, Guidance: 2)), progress, cancellation.Token));

        Assert.Equal(7, progress.Reports.Count);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Single(Generate(generator, "a dog", new SamplingOptions()));

        void Cancel(int done)
        {
            if (done == 7)
            {
                cancellation.Cancel();
            }
        }
    }

    [Fact]
    public void Runs_whose_steps_alternate_do_not_disturb_each_other()
    {
        using var generator = Load();
        var requests = new[] { "a dog", "a red ball" }
            .Select((caption, i) => new GenerationRequest(caption, new SamplingOptions(2, i, Guidance: 1 + i))).ToList();
        var expected = requests.Select(r => generator.Generate(r, null, CancellationToken.None)[1]).Select(Tokens).ToList();

        var runs = requests.Select(generator.Begin).ToList();
        for (var step = 0; step < 20; step++)
        {
            runs.ForEach(r => r.Step(CancellationToken.None));
        }

        Assert.Equal(expected, runs.Select(r => Tokens(r.Finish(CancellationToken.None)[1])));
        Assert.Throws<InvalidOperationException>(() => runs[0].Step(CancellationToken.None));
        runs.ForEach(r => r.Dispose());
        Assert.Throws<ObjectDisposedException>(() => runs[0].Finish(CancellationToken.None));
    }

    [Fact]
    public void A_run_is_not_finished_before_its_last_token()
    {
        using var generator = Load();
        using var run = generator.Begin(new GenerationRequest("a dog", new SamplingOptions()));
        run.Step(CancellationToken.None);
        Assert.Throws<InvalidOperationException>(() => run.Finish(CancellationToken.None));
    }

    [Fact]
    public void Steps_leave_no_tensor_behind()
    {
        var start = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var generator = Load())
        {
            var loaded = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            using (var run = generator.Begin(new GenerationRequest("a dog", new SamplingOptions(2, TopK: 5, TopP: 0.9, Guidance: 2))))
            {
                run.Step(CancellationToken.None);
                run.Step(CancellationToken.None);
                var caches = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
                while (!run.IsSampled)
                {
                    run.Step(CancellationToken.None);
                    Assert.Equal(caches, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
                }

                run.Finish(CancellationToken.None);
                Assert.Equal(caches, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            }

            Assert.Equal(loaded, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(start, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_picture_becomes_tokens_that_decode_to_the_model_s_size()
    {
        using var generator = Load();
        Assert.True(generator.CanTokenize);
        var pixels = new byte[33 * 21 * 3];
        new Random(3).NextBytes(pixels);

        var tokens = generator.Tokenize(new RgbImage(33, 21, pixels));

        Assert.Equal(generator.Tokens, tokens.Grid);
        Assert.Equal((10, 8), (generator.Picture(tokens).Width, generator.Picture(tokens).Height));
        Assert.True(tokens.Values.ToArray().Distinct().Count() > 1);
    }

    [Fact]
    public void Half_the_precision_gives_pictures_too()
    {
        TinyModels.WriteDalle(_folder.Path);
        using var generator = ImageGenerator.Load(_folder.Path, TinyModels.Cpu with { Precision = "bf16" });

        Assert.Equal("cpu bf16", generator.Compute);
        Assert.Equal(2, Generate(generator, "a dog", new SamplingOptions(2, Guidance: 3)).Count);
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("decoder.safetensors")]
    [InlineData("vocab.json")]
    public void A_missing_file_is_named(string name)
    {
        TinyModels.WriteDalle(_folder.Path);
        File.Delete(_folder.PathOf(name));

        var refused = Assert.Throws<ModelFormatException>(() => ImageGenerator.Load(_folder.Path, TinyModels.Cpu));

        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named()
    {
        var refused = Assert.Throws<ModelFormatException>(() => ImageGenerator.Load(_folder.PathOf("none"), TinyModels.Cpu));
        Assert.Contains(_folder.PathOf("none"), refused.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<GeneratedImage> Generate(ImageGenerator generator, string caption, SamplingOptions options) =>
        generator.Generate(new GenerationRequest(caption, options), null, CancellationToken.None);

    private static string Tokens(GeneratedImage image) => string.Join(' ', image.Tokens.Values.ToArray());

    private ImageGenerator Load()
    {
        TinyModels.WriteDalle(_folder.Path);
        return ImageGenerator.Load(_folder.Path, TinyModels.Cpu);
    }

    private sealed class Recorder : IProgress<GenerationProgress>
    {
        internal List<GenerationProgress> Reports { get; } = [];

        internal Action<GenerationProgress> After { get; init; } = _ => { };

        public void Report(GenerationProgress value)
        {
            Reports.Add(value);
            After(value);
        }
    }
}
