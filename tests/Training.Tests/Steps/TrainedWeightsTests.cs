using Sightline.Training.Data;
using Sightline.Training.Steps;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training.Tests.Steps;

public sealed class TrainedWeightsTests : IDisposable
{
    private static readonly AdamWSettings Settings = new(
        Rate: 0.1, Decay: 0.5, Beta1: 0.9, Beta2: 0.99, Eps: 1e-6, Warmup: 0, RateShape.Constant, FinalRate: 0, double.PositiveInfinity);

    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    // Algorithm 2 of arXiv 1711.05101 in double precision; a float32 step is within 1e-6 of it at weights near 1.
    [Theory]
    [InlineData(ScalarType.Float32, double.PositiveInfinity)]
    [InlineData(ScalarType.Float32, 0.5)]
    [InlineData(ScalarType.BFloat16, 0.5)]
    public void Steps_are_those_of_the_papers_AdamW_with_clipping_before_and_decay_on_what_decays_only(ScalarType type, double clip)
    {
        using var bare = new Bare(type, [1, -2], [0.5, 0.25]);
        using var weights = new TrainedWeights(bare, Settings with { ClipNorm = clip }, 0);
        double[] expected = [1, -2, 0.5, 0.25];
        var (m, v) = (new double[4], new double[4]);
        for (var t = 1; t <= 4; t++)
        {
            // Exact in bfloat16.
            double[] gradient = [0.5 * t, -1, 0.25, 2];
            bare.SetGradients(gradient);
            var rate = 0.1 / t;

            var norm = weights.Update(rate);
            weights.TakeOver();

            var length = Math.Sqrt(gradient.Sum(g => g * g));
            Assert.Equal(length, norm, 5);
            var scale = length > clip ? clip / (length + 1e-6) : 1;
            for (var i = 0; i < 4; i++)
            {
                var g = gradient[i] * scale;
                m[i] = 0.9 * m[i] + 0.1 * g;
                v[i] = 0.99 * v[i] + 0.01 * g * g;
                expected[i] *= i < 2 ? 1 - rate * 0.5 : 1;
                expected[i] -= rate * (m[i] / (1 - Math.Pow(0.9, t))) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.99, t))) + 1e-6);
            }

            Assert.Equal(expected, Masters(weights), (a, b) => Math.Abs(a - b) < 1e-5);
            Assert.All(bare.Parameters, p => Assert.Null(p.Parameter.grad));
        }

        Assert.Equal(4, weights.Updates);
        Assert.Equal(expected, bare.Read(), (a, b) => Math.Abs(a - b) < (type == ScalarType.Float32 ? 1e-5 : Math.Abs(a) / 128));
    }

    [Fact]
    public void Updates_too_small_for_bfloat16_add_up_in_the_masters()
    {
        using var bare = new Bare(ScalarType.BFloat16, [1], [1]);
        using var weights = new TrainedWeights(bare, Settings with { Decay = 0 }, 0);
        for (var i = 0; i < 20; i++)
        {
            // Adam's step is about the rate: 1/1000 of the weight, where bfloat16 has 1/256.
            bare.SetGradients([1, 1]);
            weights.Update(1e-3);
            weights.TakeOver();
        }

        Assert.Equal([0.98, 0.98], Masters(weights), (a, b) => Math.Abs(a - b) < 1e-4);
        Assert.Equal([0.98046875, 0.98046875], bare.Read());
    }

    [Fact]
    public void Averages_follow_their_formula()
    {
        using var bare = new Bare(ScalarType.Float32, [1], [1]);
        using var weights = new TrainedWeights(bare, Settings, 0.25);
        var expected = 1.0;
        for (var t = 0; t < 6; t++)
        {
            bare.SetGradients([1, 1]);
            weights.Update(0.1);
            weights.TakeOver();
            var decay = new[] { 1.0 / 10, 2.0 / 11, 0.25, 0.25, 0.25, 0.25 }[t];
            expected = decay * expected + (1 - decay) * Masters(weights)[0];

            Assert.Equal(decay, TrainedWeights.AverageDecay(0.25, t), 12);
            Assert.Equal(expected, weights.Tensors().Single(n => n.Name == "averages.decays").Tensor.ToDouble(), 5);
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Averages_in_place_give_way_to_exactly_what_was_there(ScalarType type)
    {
        using var bare = new Bare(type, [0.3, -0.7], [0.11]);
        using var weights = new TrainedWeights(bare, Settings, 0.9);
        bare.SetGradients([1, 0.3, -2]);
        weights.Update(0.37);
        weights.TakeOver();
        var (parameters, masters) = (bare.Read(), Masters(weights));
        var averages = weights.Tensors().Where(t => t.Name.StartsWith("averages.", StringComparison.Ordinal)).SelectMany(t => Numbers(t.Tensor)).ToArray();

        using (weights.UseAverages())
        {
            Assert.Equal(averages, bare.Read(), (a, b) => Math.Abs(a - b) <= (type == ScalarType.Float32 ? 0 : Math.Abs(a) / 128));
            Assert.NotEqual(parameters, bare.Read());
        }

        Assert.Equal(parameters, bare.Read());
        Assert.Equal(masters, Masters(weights));
        using var exported = weights.CopyForExport()["decays"];
        Assert.Equal(averages[..2], Numbers(exported));
    }

    [Fact]
    public void A_gradient_that_is_not_finite_changes_nothing()
    {
        using var bare = new Bare(ScalarType.BFloat16, [0.3, -0.7], [0.11]);
        using var weights = new TrainedWeights(bare, Settings with { ClipNorm = 1 }, 0.9);
        var before = Masters(weights);
        foreach (var bad in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            bare.SetGradients([1, bad, 1]);

            Assert.False(double.IsFinite(weights.Update(0.1)));

            Assert.Equal(before, Masters(weights));
            Assert.All(bare.Parameters, p => Assert.Null(p.Parameter.grad));
        }

        Assert.Equal(0, weights.Updates);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void A_temperature_that_the_task_clamps_is_clamped_in_its_master(ScalarType type)
    {
        using var bare = new Bare(type, [1, 1], [4.59]);
        using var weights = new TrainedWeights(bare, Settings, 0);
        for (var i = 0; i < 3; i++)
        {
            bare.SetGradients([0, 0, -1]);
            weights.Update(0.1);
            using (no_grad())
            {
                bare.Parameters[1].Parameter.clamp_(max: 4.625);
            }

            weights.TakeOver();
            Assert.InRange(Masters(weights)[2], 4.59, 4.625);
        }

        Assert.Equal(4.625, Masters(weights)[2]);

        // And comes back at once, with the master's finer digits.
        bare.SetGradients([0, 0, 1e6]);
        weights.Update(1e-4);
        weights.TakeOver();
        Assert.InRange(Masters(weights)[2], 4.6249, 4.62499);
    }

    private static double[] Masters(TrainedWeights weights) =>
        [.. weights.Tensors().Where(t => t.Name.StartsWith("weights.", StringComparison.Ordinal)).SelectMany(t => Numbers(t.Tensor))];

    private static double[] Numbers(Tensor tensor)
    {
        using var guard = no_grad();
        return [.. Enumerable.Range(0, (int)tensor.NumberOfElements).Select(i => tensor.select(0, i).ToDouble())];
    }

    // Parameters whose gradients a test sets.
    private sealed class Bare : ITrainingTask
    {
        internal Bare(ScalarType type, double[] decays, double[] stays)
        {
            using var first = tensor(decays, type);
            using var second = tensor(stays, type);
            Parameters = [new("decays", new Parameter(first), true), new("stays", new Parameter(second), false)];
        }

        public string Kind => "bare";

        public Device Device => CPU;

        public IReadOnlyList<TrainedParameter> Parameters { get; }

        public IReadOnlyList<TrainedBuffer> Buffers => [];

        internal void SetGradients(double[] gradient)
        {
            var (first, second) = (Parameters[0].Parameter, Parameters[1].Parameter);
            var split = (int)first.NumberOfElements;
            first.grad = tensor(gradient[..split], first.dtype);
            second.grad = tensor(gradient[split..], second.dtype);
        }

        internal double[] Read() => [.. Parameters.SelectMany(p => Numbers(p.Parameter))];

        public IReadOnlyDictionary<string, double> Backward(IReadOnlyList<TrainingBatch> parts, StepContext context) => throw new NotSupportedException();

        public void Updated() => throw new NotSupportedException();

        public ValidationResult Validate(CancellationToken cancellationToken) => throw new NotSupportedException();

        public void Export(string folder, IReadOnlyDictionary<string, Tensor> weights) => throw new NotSupportedException();

        public void DrawSamples(string folder, long step, CancellationToken cancellationToken) => throw new NotSupportedException();

        public void Dispose()
        {
            foreach (var (_, parameter, _) in Parameters)
            {
                parameter.Dispose();
            }
        }
    }
}
