using Sightline.Models.Clip;
using static TorchSharp.torch;

namespace Sightline.Training.Clip;

/// <summary>(x / 255 - mean) / deviation, as a model's configuration has them.</summary>
internal sealed class PixelNormalisation : IDisposable
{
    private readonly Tensor _scale;
    private readonly Tensor _shift;

    internal PixelNormalisation(ClipConfig config, Device device, ScalarType type = ScalarType.Float32)
    {
        _scale = Channels(config.Std.Select(s => 1 / (255.0 * s)));
        _shift = Channels(config.Mean.Zip(config.Std, (m, s) => (double)m / s));

        Tensor Channels(IEnumerable<double> values) => tensor(values.ToArray(), [1, 3, 1, 1], type, device).DetachFromDisposeScope();
    }

    /// <param name="pixels">[N, 3, S, S], 0 to 255, of any type.</param>
    internal Tensor Apply(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        return (pixels.to(_scale.dtype) * _scale - _shift).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _scale.Dispose();
        _shift.Dispose();
    }
}
