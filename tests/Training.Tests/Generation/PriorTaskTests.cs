using Sightline.Models.Clip;
using Sightline.Models.Generation;
using Sightline.Models.Images;
using Sightline.Models.Text;
using Sightline.TestKit;
using Sightline.Training.Generation;
using Sightline.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Tests.Generation;

public sealed class PriorTaskTests : IDisposable
{
    private const string Model =
        """
        "model": {"width": 32, "layers": LAYERS, "heads": 2, "text_length": 18, "attention": ["ATTENTION"], "kernel": 3, "sandwich": true}
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly ShapePictures _pictures = new();

    /// <summary>A dVAE that is random: its codes of a picture are as good as any to learn.</summary>
    public PriorTaskTests()
    {
        set_num_threads(1); // Models as small as these are slower on two threads.
        using var scope = NewDisposeScope();
        using var dvae = DvaeTask.Create(TaskRuns.Config(DvaeTaskTests.Small), _pictures, CPU, ScalarType.Float32, 1, "/");
        Directory.CreateDirectory(_folder.PathOf("dvae"));
        Directory.CreateDirectory(_folder.PathOf("out"));
        Directory.CreateDirectory(_folder.PathOf("text"));

        // Bytes and one merge: with a large vocabulary, tests would train nothing but its table.
        File.WriteAllText(_folder.PathOf("text", "bpe_simple_vocab_16e6.txt"), "#version: 0.2\na r");
        dvae.Export(_folder.PathOf("dvae"), TaskRuns.Weights(dvae));
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void It_learns_sixteen_pictures_by_heart(ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var task = Create("""{"caption_drop": 0, "cache_codes": true}""", type);
        using var batch = _pictures.All();
        var before = Validate(task);

        TaskRuns.Train(task, batch, 300, 5e-3);

        var after = Validate(task);
        Assert.InRange(before.Figures["image"], Math.Log(64) - 0.3, Math.Log(64) + 0.3);
        Assert.True(after.Figures["image"] < 0.1, $"{before.Figures["image"]} -> {after.Figures["image"]} nats");
        Assert.Equal(-after.Figures["image"], after.Score);

        // The likeliest tokens of a caption are its picture's. By 0.1 nats a token a few may still be others after bf16's rounding, which
        // differs with the number of threads.
        var (right, total) = (0, 0);
        task.Export(_folder.PathOf("out"), TaskRuns.Weights(task));
        using var generator = ImageGenerator.Load(_folder.PathOf("out"), new ComputeOptions("cpu", "fp32"));
        for (var i = 0; i < _pictures.Count; i += 5)
        {
            var planes = new byte[3 * 256];
            _pictures.ReadPixels(i, planes);
            var expected = generator.Tokenize(new RgbImage(16, 16, [.. Enumerable.Range(0, 768).Select(at => planes[at % 3 * 256 + at / 3])]));
            var request = new GenerationRequest(_pictures[i].Captions[0].Text, new SamplingOptions(Temperature: 0));
            var tokens = generator.Generate(request, null, CancellationToken.None)[0].Tokens.Values.ToArray();
            right += tokens.Zip(expected.Values.ToArray()).Count(pair => pair.First == pair.Second);
            total += tokens.Length;
        }

        Assert.InRange(right, total - (type == ScalarType.Float32 ? 0 : total / 20), total);
    }

    [Fact]
    public void An_exported_folder_generates_what_the_task_does()
    {
        using var scope = NewDisposeScope();
        using var task = Create("""{"caption_drop": 0.1}""");
        using var batch = _pictures.All();
        TaskRuns.Train(task, batch, 5, 1e-3);
        task.Export(_folder.PathOf("out"), TaskRuns.Weights(task));
        using (no_grad())
        {
            task.DrawSamples(_folder.Path, 5, CancellationToken.None);
        }

        var captions = File.ReadAllLines(_folder.PathOf("captions.txt"));
        Assert.Equal(_pictures[0].Captions[0].Text, captions[0]);
        Assert.True(ImageDecoder.TryDecode(
            File.ReadAllBytes(_folder.PathOf("step-00000005.png")), new DecodeOptions(), out var decoded, out _));
        var sheet = decoded!.Pixels;
        Assert.Equal((3 * 18 - 2, 2 * 18 - 2), (sheet.Width, sheet.Height));

        using var generator = ImageGenerator.Load(_folder.PathOf("out"), new ComputeOptions("cpu", "fp32"));
        var request = new GenerationRequest(captions[0], new SamplingOptions(3, Seed: 4, Guidance: 3));
        var first = generator.Generate(request, null, CancellationToken.None);
        var second = generator.Generate(request, null, CancellationToken.None);
        Assert.Equal(first.SelectMany(i => i.Image.Pixels), second.SelectMany(i => i.Image.Pixels));
        Assert.Equal(first[2].Image.Pixels.AsSpan(0, 48).ToArray(), sheet.Pixels.AsSpan(2 * 18 * 3, 48).ToArray());
    }

    [Fact]
    public void A_trained_prior_is_gone_on_from()
    {
        using var scope = NewDisposeScope();
        using var task = Create("""{"caption_drop": 0}""");
        task.Export(_folder.PathOf("out"), TaskRuns.Weights(task));

        using var again = PriorTask.Create(
            TaskRuns.Config($$"""{ "model": {"from": "{{_folder.PathOf("out")}}" } }"""), _pictures, CPU, ScalarType.Float32, 7, "/");

        Assert.Equal(Validate(task).Figures, Validate(again).Figures);
    }

    [Fact]
    public void A_step_in_parts_is_the_step_of_all_pictures()
    {
        using var task = Create("""{"caption_drop": 0.5, "bpe_dropout": 0.3}""", ScalarType.Float64);
        using var whole = _pictures.Batch(0, 5, 10, 15);
        using var first = _pictures.Batch(0, 5);
        using var second = _pictures.Batch(10, 15);

        var expected = TaskRuns.Gradients(task, [whole]);
        var actual = TaskRuns.Gradients(task, [first, second]);

        foreach (var (name, numbers) in expected)
        {
            Assert.All(numbers.Zip(actual[name]), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        }
    }

    [Fact]
    public void The_gradient_of_a_step_is_the_limit_of_differences()
    {
        using var task = Create("""{"caption_drop": 0.5}""", ScalarType.Float64, layers: 1, attention: "column");
        using var first = _pictures.Batch(0, 5);
        using var second = _pictures.Batch(10, 15);
        TaskRuns.AssertGradients(task, [first, second]);
    }

    [Fact]
    public void The_first_weights_are_normal_and_less_where_they_add_up()
    {
        using var task = Create("{}");
        var spread = task.Parameters.ToDictionary(p => p.Name, p => p.Parameter.std().ToDouble());

        // 1,000 numbers and more: 2.2 % off, four times that is allowed.
        Assert.InRange(spread["blocks.1.attn.in_proj.weight"], 0.0182, 0.0218);
        Assert.InRange(spread["blocks.1.mlp.c_proj.weight"], 0.0091, 0.0109);
        Assert.InRange(spread["image_embedding.weight"], 0.0182, 0.0218);
        Assert.Equal(0, spread["blocks.0.ln_1.weight"]);
        Assert.Equal(
            ["blocks.0.attn.in_proj.weight", "blocks.0.attn.out_proj.weight", "blocks.0.mlp.c_fc.weight", "blocks.0.mlp.c_proj.weight"],
            task.Parameters.Where(p => p.Decays && p.Name.StartsWith("blocks.0", StringComparison.Ordinal)).Select(p => p.Name));
        Assert.Equal(
            ["image_head.weight", "text_head.weight"],
            task.Parameters.Where(p => p.Decays && !p.Name.StartsWith("blocks", StringComparison.Ordinal)).Select(p => p.Name)
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Kept_codes_are_those_that_are_computed()
    {
        using var kept = Create("""{"caption_drop": 0, "cache_codes": true}""");
        using var computed = Create("""{"caption_drop": 0}""");
        using var first = _pictures.Batch(3, 4, 3);
        using var second = _pictures.Batch(4, 9, 3);

        TaskRuns.Gradients(kept, [first]);
        var actual = TaskRuns.Gradients(kept, [second]);

        Assert.Equal(TaskRuns.Gradients(computed, [second]), actual);
    }

    [Fact]
    public void Words_fall_into_other_pieces_by_chance()
    {
        var tokenizer = ClipTokenizer.TryLoad(TaskRuns.Vocabulary)!;
        var whole = tokenizer.Encode("a photograph of something", 64);

        Assert.Equal(whole, tokenizer.Encode("a photograph of something", 64, 1e-12, new Random(1)));
        var letters = tokenizer.Encode("a photograph of something", 64, 1, new Random(1));
        Assert.Equal("aphotographofsomething".Length + 2, letters.Length);
        var some = tokenizer.Encode("a photograph of something", 64, 0.3, new Random(1));
        Assert.InRange(some.Length, whole.Length + 1, letters.Length - 1);
        Assert.Equal(some, tokenizer.Encode("a photograph of something", 64, 0.3, new Random(1)));
    }

    [Theory]
    [InlineData("""{"tokenizer": "X"}""", "dvae")]
    [InlineData("""{"dvae": "DVAE"}""", "tokenizer")]
    [InlineData("""{"dvae": "DVAE", "tokenizer": "DVAE"}""", "tokenizer")]
    [InlineData("""{"dvae": "DVAE", "tokenizer": "TEXT", "model": {"width": 30, "heads": 4}}""", "model.heads")]
    [InlineData("""{"dvae": "DVAE", "tokenizer": "TEXT", "model": {"width": 32, "layers": 2, "attention": ["row"]}}""", "model.attention")]
    [InlineData("""{"dvae": "DVAE", "tokenizer": "TEXT", "model": {"width": 32, "layers": 1, "attention": ["diagonal"]}}""", "diagonal")]
    public void A_setting_that_cannot_be_is_named(string json, string name)
    {
        var config = TaskRuns.Config(
            json.Replace("DVAE", _folder.PathOf("dvae"), StringComparison.Ordinal).Replace("TEXT", TaskRuns.Vocabulary, StringComparison.Ordinal));
        var refused = Assert.Throws<TrainingConfigException>(() => PriorTask.Create(config, _pictures, CPU, ScalarType.Float32, 1, "/"));
        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_leaves_nothing_but_gradients_behind()
    {
        using var task = Create("""{"bpe_dropout": 0.1}""");
        using var batch = _pictures.All();
        using var chance = new Generator(1);
        var start = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        task.Backward([batch], new StepContext(0, 10, chance));
        Validate(task);

        Assert.Equal(start, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static ValidationResult Validate(PriorTask task)
    {
        using var guard = no_grad();
        return task.Validate(CancellationToken.None);
    }

    private PriorTask Create(
        string objective, ScalarType type = ScalarType.Float32, int layers = 2, string attention = "row\", \"convolution") => PriorTask.Create(
        TaskRuns.Config(
            $$"""
            { {{Model.Replace("LAYERS", $"{layers}", StringComparison.Ordinal).Replace("ATTENTION", attention, StringComparison.Ordinal)}}, "dvae": "{{_folder.PathOf("dvae")}}", "tokenizer": "{{_folder.PathOf("text")}}", "objective": {{objective}},
              "samples": {"captions": 2, "each": 3, "seed": 4} }
            """),
        _pictures, CPU, type, 1, "/");
}
