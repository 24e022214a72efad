using Sightline.Models.Clip;
using static TorchSharp.torch;

namespace Sightline.Training.Generation;

/// <summary>
/// How a dVAE begins (dall_e/utils.py, Conv2d): kernels normal with a standard deviation of 1/sqrt(fan in), biases zero. Drawn in float32
/// on the CPU, so that a seed gives the same weights on every device and in every precision, up to rounding.
/// </summary>
internal sealed class DvaeInitialisation(long seed, Device device, ScalarType type) : WeightSource, IDisposable
{
    private readonly Generator _generator = new((ulong)seed);

    public void Dispose() => _generator.Dispose();

    internal override Tensor Take(string name, params long[] shape)
    {
        using var values = shape.Length == 1
            ? zeros(shape)
            : randn(shape, generator: _generator).mul_(1 / Math.Sqrt(shape[1] * shape[2] * shape[3]));
        return values.to(type, device, copy: true);
    }
}
