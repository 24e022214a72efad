using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models.Clip;

/// <summary>Gives a model's modules their tensors by name and shape, so that a wrong name or size fails where it is asked for.</summary>
internal abstract class WeightSource
{
    /// <summary>Whether a normalisation may be folded into the convolution before it: not where both are to be trained.</summary>
    internal virtual bool Folds => true;

    internal abstract Tensor Take(string name, params long[] shape);

    internal Parameter Parameter(string name, params long[] shape)
    {
        using var tensor = Take(name, shape);
        return new Parameter(tensor, requires_grad: false);
    }
}

/// <summary>From a checkpoint. Hashes what is taken: <see cref="Digest"/> is the same in whichever container the weights come.</summary>
internal sealed class CheckpointSource(CanonicalWeights weights) : WeightSource, IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>SHA-256 over name, shape and float32 values of every tensor taken so far, in the model's order; lower-case
    /// hexadecimal.</summary>
    internal string Digest => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public void Dispose() => _hash.Dispose();

    internal override Tensor Take(string name, params long[] shape)
    {
        var values = weights.Read(name, shape);
        _hash.AppendData(Encoding.UTF8.GetBytes(name));
        var size = new byte[sizeof(long)];
        foreach (var side in shape)
        {
            BinaryPrimitives.WriteInt64LittleEndian(size, side);
            _hash.AppendData(size);
        }

        _hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan()));
        return tensor(values, shape);
    }
}

/// <summary>Random, for benchmarks and tests: matrices of standard deviation 1/sqrt(fan in), norms near one, so that signals neither die
/// nor grow.</summary>
internal sealed class RandomSource(ulong seed) : WeightSource, IDisposable
{
    private readonly Generator _generator = new(seed);

    public void Dispose() => _generator.Dispose();

    internal override Tensor Take(string name, params long[] shape)
    {
        if (name == "logit_scale")
        {
            return full(shape, 2.6592);
        }

        var values = randn(shape, generator: _generator);
        if (shape.Length > 1)
        {
            return values.mul_(1 / Math.Sqrt(shape.Skip(1).Aggregate(1L, (product, side) => product * side)));
        }

        var scale = name.EndsWith("weight", StringComparison.Ordinal) || name.EndsWith("running_var", StringComparison.Ordinal);
        return scale ? values.mul_(0.1).clamp_(-0.5, 0.5).add_(1) : values.mul_(0.1);
    }
}
