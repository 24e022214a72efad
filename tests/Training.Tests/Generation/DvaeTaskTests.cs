using Sightline.Models.Generation;
using Sightline.Models.Images;
using Sightline.TestKit;
using Sightline.Training.Generation;
using Sightline.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Tests.Generation;

public sealed class DvaeTaskTests : IDisposable
{
    /// <summary>Codes of 4 x 4 pixels: 4 x 4 codes a picture.</summary>
    internal const string Small =
        """
        {"model": {"groups": 3, "hidden": 16, "initial": 16, "blocks": 1, "vocabulary": 64, "input_kernel": 3},
         "objective": {"beta": 0.5, "temperature_to": 0.25, "temperature_steps": 160}, "samples": {"pictures": 5}}
        """;

    private const string Tiny =
        """{"model": {"groups": 2, "hidden": 4, "initial": 4, "blocks": 1, "vocabulary": 6, "input_kernel": 3}}""";

    private readonly TemporaryFolder _folder = new();
    private readonly ShapePictures _pictures = new();

    /// <summary>Models as small as these are slower on two threads.</summary>
    public DvaeTaskTests() => set_num_threads(1);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void It_learns_sixteen_pictures(ScalarType type)
    {
        using var task = Create(Small, type);
        using var batch = _pictures.All();
        var before = Validate(task);

        var figures = TaskRuns.Train(task, batch, 200, 1e-2);

        var after = Validate(task);
        Assert.True(after.Score > before.Score + 6, $"{before.Score} dB -> {after.Score} dB");
        Assert.True(after.Score > 18, $"{after.Score} dB");
        Assert.True(after.Figures["loss"] < before.Figures["loss"] - 0.5, $"{before.Figures["loss"]} -> {after.Figures["loss"]}");
        Assert.InRange(figures["codes_used"], 2.0 / 64, 1);
        Assert.InRange(figures["perplexity"], 1, 64);
        Assert.Equal(0.25, figures["temperature"]);
        Assert.Equal(0.5, figures["beta"]);
    }

    [Fact]
    public void The_first_weights_are_as_large_as_the_reference_has_them()
    {
        using var task = Create(Small);
        foreach (var (name, parameter, decays) in task.Parameters)
        {
            Assert.Equal(parameter.ndim == 4, decays);
            Assert.Equal(name.EndsWith(".b", StringComparison.Ordinal), parameter.ndim == 1);
            if (parameter.ndim == 1)
            {
                Assert.All(TaskRuns.Numbers(parameter), number => Assert.Equal(0, number));
            }
            else if (parameter.numel() > 1000)
            {
                // The spread of n normal numbers is off by 1/sqrt(2 n): 2.2 % at 1,000, four times that is allowed.
                var shape = parameter.shape;
                Assert.InRange(parameter.std().ToDouble() * Math.Sqrt(shape[1] * shape[2] * shape[3]), 0.91, 1.09);
            }
        }
    }

    [Fact]
    public void The_seed_decides_the_weights()
    {
        using var scope = NewDisposeScope();
        using var one = Create(Tiny, seed: 3);
        using var same = Create(Tiny, seed: 3);
        using var other = Create(Tiny, seed: 4);

        Assert.Equal(TaskRuns.Numbers(one.Parameters[0].Parameter), TaskRuns.Numbers(same.Parameters[0].Parameter));
        Assert.NotEqual(TaskRuns.Numbers(one.Parameters[0].Parameter), TaskRuns.Numbers(other.Parameters[0].Parameter));
    }

    [Fact]
    public void A_step_in_parts_is_the_step_of_all_pictures()
    {
        using var task = Create(Tiny, ScalarType.Float64);
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
        using var task = Create(Tiny, ScalarType.Float64);
        using var first = _pictures.Batch(0, 5);
        using var second = _pictures.Batch(10, 15);

        // Away from zero, where rectified units of even areas have a kink.
        using (no_grad())
        using (var chance = new Generator(2))
        {
            foreach (var (_, parameter, _) in task.Parameters)
            {
                using var noise = randn(parameter.shape, ScalarType.Float64, generator: chance).mul_(0.1);
                parameter.add_(noise);
            }
        }

        TaskRuns.AssertGradients(task, [first, second]);
    }

    [Fact]
    public void The_schedules_are_the_paper_s_on_the_training_s_length()
    {
        var settings = DvaeSettings.Read(TaskRuns.Config("{}"));

        Assert.Equal(1, settings.TemperatureAt(0, 1_200_000));
        Assert.Equal(CosineSchedule.Temperature.At(70_000), settings.TemperatureAt(70_000, 1_200_000), 12);
        Assert.Equal(CosineSchedule.DivergenceWeight.At(3_000), settings.BetaAt(3_000, 1_200_000), 12);
        Assert.Equal(CosineSchedule.Temperature.At(75_000), settings.TemperatureAt(750, 12_000), 12);
        Assert.Equal(1.0 / 16, settings.TemperatureAt(1_500, 12_000), 12);
        Assert.Equal(6.6, settings.BetaAt(50, 12_000), 12);
    }

    [Fact]
    public void An_exported_model_reconstructs_as_the_trained_one()
    {
        using var scope = NewDisposeScope();
        using var task = Create(Small);
        using var batch = _pictures.All();
        TaskRuns.Train(task, batch, 20, 3e-3);
        var expected = Validate(task);

        task.Export(_folder.Path, TaskRuns.Weights(task));

        using var again = DvaeTask.Create(
            TaskRuns.Config($$"""{ "model": {"from": "{{_folder.Path}}" }, "objective": {"beta": 0.5} }"""), _pictures, CPU, ScalarType.Float32, 9, "/");
        Assert.Equal(expected.Figures, Validate(again).Figures);
        Assert.Equal(["decoder.safetensors", "encoder.safetensors"],
            Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Files_of_weights_have_at_most_16_MiB_and_load()
    {
        using var scope = NewDisposeScope();
        // The last convolution alone is nearly as large as a file may be.
        var config = Small.Replace("\"vocabulary\": 64", "\"vocabulary\": 32500", StringComparison.Ordinal)
            .Replace("\"groups\": 3", "\"groups\": 4", StringComparison.Ordinal);
        using var task = Create(config);
        task.Export(_folder.Path, TaskRuns.Weights(task));

        Assert.True(File.Exists(_folder.PathOf("encoder.safetensors.index.json")));
        Assert.All(Directory.GetFiles(_folder.Path), path => Assert.InRange(new FileInfo(path).Length, 1, 16 * 1024 * 1024));
        var (model, _) = Dvae.Load(DalleFolder.FindEncoder(_folder.Path), DalleFolder.FindDecoder(_folder.Path), CPU);
        Assert.Equal(32_500, model.Vocabulary);
        model.Dispose();
    }

    [Fact]
    public void The_sheet_has_pictures_above_their_reconstructions()
    {
        using var task = Create(Small);
        using (no_grad())
        {
            task.DrawSamples(_folder.Path, 12, CancellationToken.None);
        }

        var bytes = File.ReadAllBytes(_folder.PathOf("step-00000012.png"));
        Assert.True(ImageDecoder.TryDecode(bytes, new DecodeOptions(), out var decoded, out _));
        var sheet = decoded!.Pixels;
        Assert.Equal((5 * 18 - 2, 34), (sheet.Width, sheet.Height));
        var pixels = new byte[3 * 256];
        _pictures.ReadPixels(1, pixels);
        Assert.Equal(pixels[8 * 16 + 8], sheet.Pixels[(8 * sheet.Width + 18 + 8) * 3]);
    }

    [Theory]
    [InlineData("""{"model": {"hidden": 6}}""", "model.hidden")]
    [InlineData("""{"model": {"input_kernel": 4}}""", "model.input_kernel")]
    [InlineData("""{"model": {"groups": 6, "hidden": 4}}""", "model.groups")]
    [InlineData("""{"objective": {"temperature_to": 0}}""", "objective.temperature_to")]
    public void A_setting_that_cannot_be_is_named(string json, string name)
    {
        var refused = Assert.Throws<TrainingConfigException>(() => Create(json));
        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_leaves_nothing_but_gradients_behind()
    {
        using var task = Create(Tiny);
        using var batch = _pictures.All();
        using var chance = new Generator(1);
        var start = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        task.Backward([batch], new StepContext(0, 10, chance));
        Validate(task);

        Assert.Equal(start, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static ValidationResult Validate(DvaeTask task)
    {
        using var guard = no_grad();
        return task.Validate(CancellationToken.None);
    }

    private DvaeTask Create(string json, ScalarType type = ScalarType.Float32, long seed = 1) =>
        DvaeTask.Create(TaskRuns.Config(json), _pictures, CPU, type, seed, "/");
}
