using Sightline.Models.Clip;
using static TorchSharp.torch;

namespace Sightline.Training.Generation;

/// <summary>
/// How a prior begins: everything normal with a standard deviation of 0.02, what is added to the residual stream less by
/// 1/sqrt(2 layers), since so many sums follow (GPT-2: Radford et al., 2019, section 2.3); gains one, biases zero. Drawn in float32 on the
/// CPU, so that a seed gives the same weights on every device and in every precision, up to rounding.
/// </summary>
internal sealed class PriorInitialisation(long seed, int layers, Device device, ScalarType type) : WeightSource, IDisposable
{
    private const double Spread = 0.02;

    private readonly Generator _generator = new((ulong)seed);

    public void Dispose() => _generator.Dispose();

    internal override Tensor Take(string name, params long[] shape)
    {
        var isResidual = name.EndsWith(".attn.out_proj.weight", StringComparison.Ordinal)
            || name.EndsWith(".mlp.c_proj.weight", StringComparison.Ordinal);
        using var values = shape.Length > 1 ? randn(shape, generator: _generator).mul_(isResidual ? Spread / Math.Sqrt(2 * layers) : Spread)
            : name.EndsWith(".bias", StringComparison.Ordinal) ? zeros(shape)
            : ones(shape);
        return values.to(type, device, copy: true);
    }
}
