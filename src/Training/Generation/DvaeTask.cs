using Sightline.Models.Generation;
using Sightline.Models.Images;
using Sightline.Training.Data;
using Sightline.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Generation;

/// <summary>
/// Trains DALL-E's discrete VAE (arXiv 2102.12092, section 2.1 and appendix A) on the relaxed evidence lower bound. Settings:
/// <code>
/// model: {size: 64, groups: 3, hidden: 64, initial: 128, blocks: 2, vocabulary: 1024, input_kernel: 7}    or {size: 64, from: FOLDER}
/// objective: {temperature_from: 1, temperature_to: 0.0625, temperature_steps: 0, beta: 6.6, beta_steps: 0}
/// samples: {pictures: 8}
/// export: {weights: fp32}
/// </code>
/// A code stands for 2^(groups - 1) pixels a side.
/// </summary>
internal sealed class DvaeTask : ITrainingTask
{
    // Long enough for a rare code to come again, short enough to see codes die.
    private const long UsageSteps = 100;

    private readonly Dvae _model;
    private readonly DvaeSettings _settings;
    private readonly ITrainingData _heldOut;
    private readonly CodeUsage _usage;

    private DvaeTask(Dvae model, DvaeSettings settings, ITrainingData heldOut)
    {
        (_model, _settings, _heldOut, _usage) = (model, settings, heldOut, new CodeUsage(model.Vocabulary));
        Parameters =
        [
            .. new (string Half, nn.Module Module)[] { ("encoder", model.Encoder), ("decoder", model.Decoder) }
                .SelectMany(half => half.Module.named_parameters().Select(p =>
                {
                    p.parameter.requires_grad_();
                    return new TrainedParameter($"{half.Half}.{p.name}", p.parameter, Decays: p.parameter.ndim > 1);
                })),
        ];
        Device = Parameters[0].Parameter.device;
    }

    public string Kind => "dvae";

    public Device Device { get; }

    /// <summary>Under the names of the two files, with <c>encoder.</c> or <c>decoder.</c> before them.</summary>
    public IReadOnlyList<TrainedParameter> Parameters { get; }

    public IReadOnlyList<TrainedBuffer> Buffers => [];

    /// <param name="config">The whole file's.</param>
    /// <param name="heldOut">Stays the caller's to dispose.</param>
    /// <param name="type">Of the passes.</param>
    /// <param name="seed">Of the weights.</param>
    /// <exception cref="TrainingConfigException">A setting cannot be; names it.</exception>
    /// <exception cref="Models.Weights.ModelFormatException">The model to go on from is damaged or of another kind.</exception>
    /// <param name="folder">Relative paths of the configuration start here.</param>
    internal static DvaeTask Create(ConfigSection config, ITrainingData heldOut, Device device, ScalarType type, long seed, string folder)
    {
        var settings = DvaeSettings.Read(config);
        var section = config.Section("model");
        var model = section.Text("from") is { } from ? Load(Path.GetFullPath(from, folder), device, type) : Begin(section, device, type, seed);
        if (heldOut.Side % model.Factor != 0)
        {
            var factor = model.Factor;
            model.Dispose();
            throw section.Wrong("groups", $"make codes of {factor} x {factor} pixels, of which pictures of {heldOut.Side} have no whole number");
        }

        return new DvaeTask(model, settings, heldOut);
    }

    public IReadOnlyDictionary<string, double> Backward(IReadOnlyList<TrainingBatch> parts, StepContext context)
    {
        var (temperature, beta) = (_settings.TemperatureAt(context.Step, context.Steps), _settings.BetaAt(context.Step, context.Steps));
        var count = (double)parts.Sum(p => p.Count);
        var figures = new Dictionary<string, double> { ["loss"] = 0, ["reconstruction"] = 0, ["divergence"] = 0 };
        _usage.Restart();
        foreach (var part in parts)
        {
            using var scope = NewDisposeScope();
            var share = part.Count / count;
            var pixels = part.Pixels.to(_model.Type == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32) / 255;
            var loss = DvaeObjective.Loss(_model, pixels, temperature, beta, context.Generator);
            (loss.Total * share).backward();
            figures["loss"] += share * loss.Total.ToDouble();
            figures["reconstruction"] += share * loss.Reconstruction.ToDouble();
            figures["divergence"] += share * loss.Divergence.ToDouble();
            _usage.Add(loss.Codes, context.Step);
        }

        figures["temperature"] = temperature;
        figures["beta"] = beta;
        figures["codes_used"] = _usage.ShareSince(context.Step - UsageSteps + 1);
        figures["perplexity"] = _usage.Perplexity;
        return figures;
    }

    public void Updated()
    {
    }

    /// <summary>
    /// Pictures made of their likeliest codes, as the product makes them: no noise, no relaxation. <c>loss</c> is the bound with these
    /// codes, at the last weight of the divergence. The score is the mean PSNR: unlike the bound it does not depend on a schedule, and it
    /// is about what is seen.
    /// </summary>
    public ValidationResult Validate(CancellationToken cancellationToken)
    {
        var (reconstruction, divergence, decibels) = (0.0, 0.0, 0.0);
        var usage = new CodeUsage(_model.Vocabulary);
        foreach (var indices in Enumerable.Range(0, _heldOut.Count).Chunk(HeldOutPictures.BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var pixels = HeldOutPictures.Read(_heldOut, indices, Device);
            var logits = _model.Encode(pixels);
            var codes = logits.argmax(1);
            var statistics = _model.Decoder.Decode(codes).to(ScalarType.Float32);
            var likelihood = LogitLaplace.LogLikelihood(statistics, LogitLaplace.MapPixels(pixels)).mean().ToDouble();
            var share = (double)indices.Length / _heldOut.Count;
            reconstruction -= share * likelihood;
            divergence += share * DvaeObjective.Divergence(logits).ToDouble();
            decibels += share * Psnr(pixels, LogitLaplace.Reconstruct(statistics));
            usage.Add(codes, 0);
        }

        return new ValidationResult(
            new Dictionary<string, double>
            {
                ["loss"] = reconstruction + divergence * _settings.Beta / _model.Config.ValuesPerCode, ["reconstruction"] = reconstruction,
                ["divergence"] = divergence, ["psnr"] = decibels, ["codes_used"] = usage.ShareSince(0), ["perplexity"] = usage.Perplexity,
            },
            decibels);
    }

    public void Export(string folder, IReadOnlyDictionary<string, Tensor> weights)
    {
        foreach (var half in new[] { "encoder", "decoder" })
        {
            ModelFiles.Write(
                folder, half, weights.Where(w => w.Key.StartsWith($"{half}.", StringComparison.Ordinal))
                    .Select(w => KeyValuePair.Create(w.Key[(half.Length + 1)..], w.Value)),
                _settings.Weights);
        }
    }

    /// <summary>The first held-out pictures, and below each what its codes give.</summary>
    public void DrawSamples(string folder, long step, CancellationToken cancellationToken)
    {
        var count = Math.Min(_settings.Samples, _heldOut.Count);
        if (count == 0)
        {
            return;
        }

        using var scope = NewDisposeScope();
        var pixels = HeldOutPictures.Read(_heldOut, [.. Enumerable.Range(0, count)], Device);
        var again = _model.Decode(_model.Codes(pixels));
        var sheet = PictureSheet.Arrange([PictureSheet.Pictures(pixels), PictureSheet.Pictures(again)]);
        File.WriteAllBytes(Path.Combine(folder, $"step-{step:D8}.png"), ImageEncoder.EncodePng(sheet));
    }

    public void Dispose() => _model.Dispose();

    /// <summary>Mean over the pictures of 10 log10(1 / mean squared error), in decibels; equal pictures count 100.</summary>
    internal static double Psnr(Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        var errors = (expected - actual).pow(2).mean([1, 2, 3]).clamp(1e-10);
        return (errors.log() * (-10 / Math.Log(10))).mean().ToDouble();
    }

    private static Dvae Begin(ConfigSection section, Device device, ScalarType type, long seed)
    {
        var config = new DvaeConfig(
            (int)section.Integer("vocabulary", 1024, 2, 65_536), (int)section.Integer("hidden", 64, 4, 1024),
            (int)section.Integer("initial", 128, 1, 4096), (int)section.Integer("groups", 3, 1, 6), (int)section.Integer("blocks", 2, 1, 16),
            InputKernel: (int)section.Integer("input_kernel", 7, 1, 15));
        if (config.Hidden % 4 != 0 || config.InputKernel % 2 == 0)
        {
            throw config.Hidden % 4 != 0
                ? section.Wrong("hidden", $"is a multiple of 4, since residual paths are a quarter as wide; not {config.Hidden}")
                : section.Wrong("input_kernel", $"is odd, not {config.InputKernel}");
        }

        using var source = new DvaeInitialisation(seed, device, type);
        return new Dvae(source, source, config);
    }

    private static Dvae Load(string folder, Device device, ScalarType type)
    {
        var (model, _) = Dvae.Load(DalleFolder.FindEncoder(folder), DalleFolder.FindDecoder(folder), device);
        model.Encoder.to(type);
        model.Decoder.to(type);
        return model;
    }
}
