using Sightline.Models.Clip;
using Sightline.Models.Generation;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Models.Tests.Generation;

/// <summary>The relaxed bound of a dVAE, its distribution of pixels and its schedules.</summary>
public sealed class DvaeObjectiveTests
{
    private static readonly DvaeConfig Small = new(Vocabulary: 6, Hidden: 4, Initial: 3, Groups: 2, BlocksPerGroup: 1, InputKernel: 3);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(75_000, 0.53125)] // half-way: (1 + 1/16) / 2
    [InlineData(150_000, 0.0625)]
    [InlineData(3_000_000, 0.0625)]
    public void The_temperature_falls_to_a_sixteenth_in_150_000_steps(long step, double expected) =>
        Assert.Equal(expected, CosineSchedule.Temperature.At(step), 12);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1_250, 0.966_547_622_084_393)] // 6.6 (1 - cos(pi / 4)) / 2
    [InlineData(2_500, 3.3)]
    [InlineData(5_000, 6.6)]
    [InlineData(9_999, 6.6)]
    public void The_divergence_weight_rises_to_6_6_in_5_000_steps(long step, double expected) =>
        Assert.Equal(expected, CosineSchedule.DivergenceWeight.At(step), 12);

    [Theory]
    [InlineData(0, 1e-4)]
    [InlineData(600_000, 5.0625e-5)]
    [InlineData(1_200_000, 1.25e-6)]
    public void The_step_size_falls_in_1_200_000_steps(long step, double expected) =>
        Assert.Equal(expected, CosineSchedule.StepSize.At(step), 15);

    [Fact]
    public void Pixels_are_mapped_into_a_tenth_to_nine_tenths_and_back()
    {
        using var scope = NewDisposeScope();
        var pixels = linspace(0, 1, 256);
        var mapped = LogitLaplace.MapPixels(pixels);

        Assert.Equal(0.1, mapped.min().ToDouble(), 6);
        Assert.Equal(0.9, mapped.max().ToDouble(), 6);
        Tensors.AssertAgree(pixels, LogitLaplace.UnmapPixels(mapped), 1e-6);
        Tensors.AssertAgree(tensor([0f, 1f]), LogitLaplace.UnmapPixels(tensor([0.02f, 0.97f])), 0);
    }

    [Fact]
    public void The_likelihood_is_equation_2()
    {
        using var scope = NewDisposeScope();

        // x 0.3, mean 0.5, log scale -0.2: computed from the formula by hand.
        var (x, mean, logScale) = (0.3, 0.5, -0.2);
        var expected = -Math.Log(2 * Math.Exp(logScale) * x * (1 - x)) - Math.Abs(Math.Log(x / (1 - x)) - mean) / Math.Exp(logScale);

        var statistics = tensor([mean, logScale], [1, 2, 1, 1]);
        Assert.Equal(expected, LogitLaplace.LogLikelihood(statistics, tensor([x], [1, 1, 1, 1])).ToDouble(), 12);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1.5, -1)]
    [InlineData(-0.7, 0.4)]
    public void The_density_integrates_to_one(double mean, double logScale)
    {
        using var scope = NewDisposeScope();

        // In logits the mass is spread evenly enough for the midpoint rule: dx = x (1 - x) dl.
        const int cells = 400_000;
        var logits = (arange(cells, ScalarType.Float64) + 0.5) * (60.0 / cells) - 30;
        var x = logits.sigmoid().view(1, 1, 1, -1);
        var statistics = cat([full_like(x, mean), full_like(x, logScale)], 1);

        var mass = (LogitLaplace.LogLikelihood(statistics, x).exp() * x * (-x + 1)).sum().ToDouble() * 60 / cells;

        Assert.Equal(1, mass, 6);
    }

    [Fact]
    public void A_relaxed_sample_is_a_distribution_that_hardens_as_it_cools()
    {
        using var scope = NewDisposeScope();
        var logits = Tensors.Uniform(2, 5, 3, 3) * 3;
        using var warmNoise = new Generator(3);
        using var coldNoise = new Generator(3);

        var warm = DvaeObjective.Relax(logits, 1, warmNoise);
        var cold = DvaeObjective.Relax(logits, 0.01, coldNoise);

        Tensors.AssertAgree(ones([2, 3, 3]), warm.sum(1), 1e-5);
        Assert.Equal(Tensors.Integers(warm.argmax(1)), Tensors.Integers(cold.argmax(1)));
        Assert.True(cold.amax(1).mean().ToDouble() > 0.97);
        Assert.True(warm.amax(1).mean().ToDouble() < 0.9);
    }

    [Fact]
    public void The_largest_of_a_relaxed_sample_follows_the_softmax()
    {
        using var scope = NewDisposeScope();
        var logits = tensor([0.5f, -1f, 1.2f, 0f, -0.3f], [1, 5, 1, 1]);
        using var generator = new Generator(11);
        var drawn = DvaeObjective.Relax(logits.expand(1, 5, 100, 200), 0.5, generator).argmax(1);
        var counts = Enumerable.Range(0, 5).Select(code => drawn.eq(code).sum().ToInt64()).ToList();

        var (statistic, limit) = Tensors.ChiSquare(counts, Tensors.Numbers(logits.softmax(1)));

        Assert.InRange(statistic, 0, limit);
    }

    [Fact]
    public void The_divergence_is_zero_when_all_codes_are_alike_and_ln_V_when_one_is_certain()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Random(Small);
        using var generator = new Generator(1);
        var output = model.Encoder.named_parameters().Where(p => p.name.StartsWith("blocks.output", StringComparison.Ordinal)).ToList();
        output.ForEach(p => p.parameter.zero_());

        Assert.Equal(0, Divergence(), 6);
        output.Single(p => p.name.EndsWith(".b", StringComparison.Ordinal)).parameter[2] = tensor(60f);
        Assert.Equal(Math.Log(6), Divergence(), 6);

        double Divergence() => DvaeObjective.Loss(model, Tensors.Uniform(1, 3, 4, 4), 1, 1, generator).Divergence.ToDouble();
    }

    [Fact]
    public void The_bound_is_divided_by_the_values_of_a_picture()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Random(Small);
        using var generator = new Generator(1);

        var loss = DvaeObjective.Loss(model, Tensors.Uniform(2, 3, 8, 8), 0.7, 6.6, generator);

        // 3 channels x 2 x 2 pixels share a code here; in the paper 3 x 8 x 8 = 192 do.
        Assert.Equal(loss.Reconstruction.ToDouble() + 6.6 / 12 * loss.Divergence.ToDouble(), loss.Total.ToDouble(), 5);
    }

    [Fact]
    public void The_gradient_of_the_bound_is_the_limit_of_differences()
    {
        using var scope = NewDisposeScope();
        using var model = Random(Small);
        model.Encoder.to(ScalarType.Float64);
        model.Decoder.to(ScalarType.Float64);
        using var chance = new Generator(9);
        var pixels = rand([1, 3, 4, 4], ScalarType.Float64, generator: chance);
        var parameters = model.Encoder.named_parameters().Select(p => ($"encoder.{p.name}", p.parameter))
            .Concat(model.Decoder.named_parameters().Select(p => ($"decoder.{p.name}", p.parameter))).ToList();

        Tensors.AssertGradients(parameters, () =>
        {
            using var generator = new Generator(4);
            return DvaeObjective.Loss(model, pixels, 0.6, 2, generator).Total;
        });
    }

    private static Dvae Random(DvaeConfig config)
    {
        using var source = new RandomSource(5);
        return new Dvae(source, source, config);
    }
}
