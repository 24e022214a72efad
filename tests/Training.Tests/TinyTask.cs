using Sightline.Models.Weights;
using Sightline.Training.Data;
using Sightline.Training.Steps;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training.Tests;

/// <summary>Tells which colour a picture has most of: a convolution, a mean, a linear layer and a temperature. Each step also draws noise,
/// and keeps a running mean of the pixels.</summary>
internal sealed class TinyTask : ITrainingTask
{
    internal const double MostTemperature = 1.5;

    private readonly Parameter _kernel;
    private readonly Parameter _bias;
    private readonly Parameter _matrix;
    private readonly Parameter _temperature;
    private readonly Tensor _mean;
    private readonly Tensor _count;
    private readonly ScalarType _type;

    internal TinyTask(ScalarType type = ScalarType.Float32, long seed = 0)
    {
        using var generator = new Generator((ulong)seed + 99);
        using var guard = no_grad();
        _type = type;
        _kernel = Random([4, 3, 3, 3]);
        _bias = Random([4]);
        _matrix = Random([3, 4]);
        using var one = full([1], 1.0, type);
        _temperature = new Parameter(one);
        _mean = zeros([3], ScalarType.Float32).DetachFromDisposeScope();
        _count = zeros([1], ScalarType.Int64).DetachFromDisposeScope();

        Parameter Random(long[] size)
        {
            using var drawn = zeros(size, type).normal_(0, 0.3, generator);
            return new Parameter(drawn);
        }
    }

    public string Kind => "tiny";

    public Device Device => CPU;

    public IReadOnlyList<TrainedParameter> Parameters =>
        [new("kernel", _kernel, true), new("bias", _bias, false), new("matrix", _matrix, true), new("temperature", _temperature, false)];

    public IReadOnlyList<TrainedBuffer> Buffers => [new("mean", _mean), new("count", _count)];

    internal double Noise { get; init; } = 0.05;

    /// <summary>Steps whose loss is no number.</summary>
    internal Predicate<long> Breaks { get; init; } = _ => false;

    /// <summary>Steps whose loss is fine and whose gradient is infinite.</summary>
    internal Predicate<long> Overflows { get; init; } = _ => false;

    /// <summary>The score of a validation; by itself the share of pictures told right.</summary>
    internal Func<double>? Score { get; init; }

    internal Action DuringValidation { get; init; } = () => { };

    internal int Validations { get; private set; }

    public IReadOnlyDictionary<string, double> Backward(IReadOnlyList<TrainingBatch> parts, StepContext context)
    {
        var (total, right) = (0.0, 0.0);
        foreach (var part in parts)
        {
            using var scope = NewDisposeScope();
            var pixels = part.Pixels.to(ScalarType.Float32).div(255);
            using (no_grad())
            {
                _mean.mul_(0.9).add_(pixels.mean([0, 2, 3]), 0.1);
                _count.add_(part.Count);
            }

            var noisy = pixels + randn(pixels.shape, ScalarType.Float32, generator: context.Generator) * Noise;
            var logits = Logits(noisy);
            var target = tensor(Array.ConvertAll(part.Labels, l => (long)l));
            var loss = nn.functional.cross_entropy(logits, target) / parts.Count;
            loss.backward();
            total += loss.ToDouble();
            right += logits.argmax(1).eq(target).to(ScalarType.Float32).mean().ToDouble() / parts.Count;
        }

        if (Breaks(context.Step))
        {
            _mean.fill_(float.NaN);
            return new Dictionary<string, double> { ["loss"] = double.NaN };
        }

        if (Overflows(context.Step))
        {
            using var infinite = full([4], double.PositiveInfinity, _type);
            _bias.grad = infinite;
        }

        return new Dictionary<string, double> { ["loss"] = total, ["accuracy"] = right };
    }

    public void Updated() => _temperature.clamp_(max: MostTemperature);

    public ValidationResult Validate(CancellationToken cancellationToken)
    {
        Validations++;
        DuringValidation();
        cancellationToken.ThrowIfCancellationRequested();
        using var batch = TinySource.Batch(seed: 1_000_003, step: 0, part: 0, count: 64);
        var target = tensor(Array.ConvertAll(batch.Labels, l => (long)l));
        var logits = Logits(batch.Pixels.to(ScalarType.Float32).div(255));
        var accuracy = logits.argmax(1).eq(target).to(ScalarType.Float32).mean().ToDouble();
        var loss = nn.functional.cross_entropy(logits, target).ToDouble();
        return new ValidationResult(new Dictionary<string, double> { ["loss"] = loss, ["accuracy"] = accuracy }, Score?.Invoke() ?? -loss);
    }

    public void Export(string folder, IReadOnlyDictionary<string, Tensor> weights) => SafetensorsWriter.Write(
        Path.Combine(folder, "model.safetensors"),
        [.. weights.Select(w => new TensorToWrite(
            w.Key, w.Value.dtype == ScalarType.Int64 ? WeightType.Int64 : WeightType.Float32, w.Value.shape, w.Value.bytes.ToArray()))]);

    public void DrawSamples(string folder, long step, CancellationToken cancellationToken) =>
        File.WriteAllText(Path.Combine(folder, $"step-{step:D8}.png"), "");

    public void Dispose()
    {
        foreach (var tensor in new Tensor[] { _kernel, _bias, _matrix, _temperature, _mean, _count })
        {
            tensor.Dispose();
        }
    }

    private Tensor Logits(Tensor pixels)
    {
        var hidden = nn.functional.relu(nn.functional.conv2d(pixels.to(_type), _kernel, _bias, [1, 1], [1, 1], [1, 1], 1)).mean([2, 3]);
        return (nn.functional.linear(hidden, _matrix, null) * _temperature).to(ScalarType.Float32);
    }
}

/// <summary>Pictures of 6 x 6 pixels that follow from seed and step.</summary>
internal sealed class TinySource(int batch = 8, int parts = 1, long seed = 0) : IBatchSource
{
    public int BatchSize => batch;

    public long StepsPerEpoch => 10;

    public TimeSpan Waited { get; private set; }

    internal List<long> Asked { get; } = [];

    public IReadOnlyList<TrainingBatch> Read(long step, CancellationToken cancellationToken)
    {
        Asked.Add(step);
        Waited += TimeSpan.FromTicks(1);
        return [.. Enumerable.Range(0, parts).Select(part => Batch(seed, step, part, batch / parts))];
    }

    public void Dispose()
    {
    }

    internal static TrainingBatch Batch(long seed, long step, int part, int count)
    {
        var pixels = new byte[count * 3 * 36];
        var labels = new int[count];
        for (var i = 0; i < count; i++)
        {
            var random = new Random(HashCode(seed, step, part * count + i));
            labels[i] = random.Next(3);
            var picture = pixels.AsSpan(i * 108, 108);
            random.NextBytes(picture);
            foreach (ref var value in picture.Slice(labels[i] * 36, 36))
            {
                value |= 0x80;
            }
        }

        return new TrainingBatch(tensor(pixels, [count, 3, 6, 6]), new string[count], [.. Enumerable.Range(0, count)], labels);
    }

    private static int HashCode(long seed, long step, long index) => (int)StepChance.Mix(StepChance.Mix((ulong)seed, (ulong)step), (ulong)index);
}
