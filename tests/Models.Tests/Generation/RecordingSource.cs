using Sightline.Models.Clip;
using static TorchSharp.torch;

namespace Sightline.Models.Tests.Generation;

/// <summary>Random weights that can be written to a checkpoint afterwards, under the names that were asked for.</summary>
internal sealed class RecordingSource(ulong seed) : WeightSource, IDisposable
{
    private readonly RandomSource _random = new(seed);

    internal Dictionary<string, Tensor> Taken { get; } = [];

    public void Dispose()
    {
        _random.Dispose();
        foreach (var tensor in Taken.Values)
        {
            tensor.Dispose();
        }
    }

    internal override Tensor Take(string name, params long[] shape)
    {
        var tensor = _random.Take(name, shape);
        Taken.Add(name, tensor.clone().DetachFromDisposeScope());
        return tensor;
    }
}
