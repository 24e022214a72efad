using Sightline.Models.Clip;
using static TorchSharp.torch;

namespace Sightline.Training.Clip;

/// <summary>
/// The weights that a CLIP begins with (openai/CLIP model.py, initialize_parameters; what that leaves alone is as PyTorch makes it). The
/// same seed gives the same weights.
/// </summary>
internal sealed class InitialWeights(ClipConfig config, long seed) : WeightSource, IDisposable
{
    private readonly Generator _generator = new((ulong)seed);

    internal override bool Folds => false;

    public void Dispose() => _generator.Dispose();

    internal override Tensor Take(string name, params long[] shape)
    {
        var parts = name.Split('.');
        var (kind, of) = (parts[^1], parts.Length > 1 ? parts[^2] : "");
        if (of.StartsWith("ln_", StringComparison.Ordinal) || IsBatchNorm(parts))
        {
            // The last gain of a residual block is zero: the block begins as the identity.
            var isOne = kind == "running_var" || (kind == "weight" && !(of == "bn3" && parts[1] != "bn3"));
            return isOne ? ones(shape) : zeros(shape);
        }

        return name switch
        {
            "logit_scale" => full(shape, Math.Log(1 / 0.07)),
            "token_embedding.weight" => Normal(shape, 0.02),
            "positional_embedding" => Normal(shape, 0.01),
            "text_projection" => Normal(shape, Power(config.Text.Width)),
            "visual.class_embedding" or "visual.positional_embedding" or "visual.proj" =>
                Normal(shape, Power(config.Vision!.Transformer.Width)),
            "visual.attnpool.positional_embedding" => Normal(shape, Power(shape[1])),
            _ when parts[0] == "transformer" => TextBlock(kind, of, shape),
            _ when parts[1] == "transformer" => VisionBlock(kind, of, shape),
            _ when parts[1] == "attnpool" =>
                kind == "weight" ? Normal(shape, Power(shape[1])) : Uniform(shape, Power(32 * config.ResNet!.Width)),
            _ => Uniform(shape, Power(FanIn(shape))), // A convolution without bias.
        };
    }

    private Tensor TextBlock(string kind, string of, long[] shape)
    {
        var (width, layers) = (config.Text.Width, config.Text.Layers);
        return (kind, of) switch
        {
            ("in_proj_weight", _) => Normal(shape, Power(width)),
            ("weight", "out_proj" or "c_proj") => Normal(shape, Power(width) * Power(2 * layers)),
            ("weight", _) => Normal(shape, Power(2 * width)),
            _ => Bias(kind, of, shape, config.Text),
        };
    }

    private Tensor VisionBlock(string kind, string of, long[] shape) => kind switch
    {
        "in_proj_weight" => Uniform(shape, Math.Sqrt(6.0 / (shape[0] + shape[1]))), // Glorot's
        "weight" => Uniform(shape, Power(FanIn(shape))),
        _ => Bias(kind, of, shape, config.Vision!.Transformer),
    };

    private Tensor Bias(string kind, string of, long[] shape, TransformerConfig tower) => of switch
    {
        "c_fc" => Uniform(shape, Power(tower.Width)),
        "c_proj" => Uniform(shape, Power(tower.MlpWidth)),
        _ when kind == "in_proj_bias" || of == "out_proj" => zeros(shape), // torch.nn.MultiheadAttention's
        _ => throw new ArgumentException($"{of}.{kind} is no tensor of a transformer.", nameof(kind)),
    };

    private Tensor Normal(long[] shape, double deviation) => randn(shape, generator: _generator).mul_(deviation);

    private Tensor Uniform(long[] shape, double bound) => rand(shape, generator: _generator).mul_(2 * bound).add_(-bound);

    private static double Power(double size) => 1 / Math.Sqrt(size);

    private static double FanIn(long[] shape) => shape.Skip(1).Aggregate(1L, (product, side) => product * side);

    private static bool IsBatchNorm(string[] parts) => parts[0] == "visual" && parts.Length > 2
        && (parts[^2].StartsWith("bn", StringComparison.Ordinal) || (parts[^3] == "downsample" && parts[^2] == "1"));
}
