using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Sightline.Models.Clip;
using Sightline.Models.Weights;
using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>Where a module's tensor lies in a checkpoint.</summary>
/// <param name="Name">As stored.</param>
/// <param name="FirstRow">Of the stored tensor; null: the module takes all of it.</param>
/// <param name="Rows">Of the stored tensor, where the module takes some.</param>
internal readonly record struct StoredName(string Name, long? FirstRow = null, long Rows = 0);

/// <summary>
/// Gives modules their tensors from one checkpoint, each converted to where and how it will run before the next is read, so that a large
/// model never lies in memory twice. Remembers what was taken: a tensor that no module asked for is an error too.
/// </summary>
internal sealed class StoredWeights : WeightSource, IDisposable
{
    private readonly Checkpoint _checkpoint;
    private readonly Device _device;
    private readonly ScalarType _type;
    private readonly Func<string, StoredName> _layout;
    private readonly Func<string, bool> _impliedOnes;
    private readonly HashSet<string> _taken = [];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <param name="checkpoint">Stays the caller's to dispose.</param>
    /// <param name="layout">From a module's name to the checkpoint's; null where they are the same.</param>
    /// <param name="impliedOnes">Stored names that a checkpoint may leave out where all their numbers are one.</param>
    internal StoredWeights(
        Checkpoint checkpoint, Device device, ScalarType type, Func<string, StoredName>? layout = null,
        Func<string, bool>? impliedOnes = null)
    {
        (_checkpoint, _device, _type) = (checkpoint, device, type);
        _layout = layout ?? (name => new StoredName(name));
        _impliedOnes = impliedOnes ?? (_ => false);
    }

    /// <summary>SHA-256 over name, shape and float32 values of every tensor taken so far, in the model's order.</summary>
    internal byte[] Digest => _hash.GetCurrentHash();

    internal string Path => _checkpoint.Path;

    public void Dispose() => _hash.Dispose();

    /// <exception cref="ModelFormatException">The tensor is missing or has another shape; names it and both shapes.</exception>
    internal override Tensor Take(string name, params long[] shape)
    {
        var (stored, firstRow, rows) = _layout(name);
        _taken.Add(stored);
        if (!_checkpoint.Tensors.TryGetValue(stored, out var found))
        {
            return _impliedOnes(stored) ? ones(shape, _type, _device) : throw Wrong($"{stored} is missing.");
        }

        long[] expected = firstRow is null ? shape : [rows, .. shape[1..]];
        if (!found.Shape.AsSpan().SequenceEqual(expected))
        {
            throw Wrong($"{stored} should be [{string.Join(", ", expected)}], it is [{string.Join(", ", found.Shape)}].");
        }

        var part = firstRow is { } row ? found with { Shape = shape, Offset = found.Offset + row * found.Strides[0] } : found;
        return tensor(Hashed(name, shape, Read(stored, part)), shape, _type, _device);
    }

    /// <summary>Sizes of a stored tensor.</summary>
    /// <exception cref="ModelFormatException">It is missing, or has not that many dimensions.</exception>
    internal long[] ShapeOf(string stored, int dimensions) =>
        !_checkpoint.Tensors.TryGetValue(stored, out var tensor) ? throw Wrong($"{stored} is missing.")
        : tensor.Shape.Length == dimensions ? tensor.Shape
        : throw Wrong($"{stored} [{string.Join(", ", tensor.Shape)}] should have {dimensions} dimensions.");

    internal bool Has(string stored) => _checkpoint.Tensors.ContainsKey(stored);

    /// <summary>How many different parts follow the prefix in stored names: the layers of <c>layers.0</c>, <c>layers.1</c>, ...</summary>
    internal int Count(string prefix) => _checkpoint.Tensors.Keys
        .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
        .Select(name => name[prefix.Length..].Split('.')[0]).Distinct().Count();

    /// <exception cref="ModelFormatException">The checkpoint holds a tensor that no module took; names the first of them.</exception>
    internal void RequireAllTaken(Func<string, bool>? ignored = null)
    {
        var extra = _checkpoint.Tensors.Keys.Where(n => !_taken.Contains(n) && ignored?.Invoke(n) != true)
            .Order(StringComparer.Ordinal).ToList();
        if (extra.Count > 0)
        {
            throw Wrong($"{extra[0]} is no part of this model{(extra.Count > 1 ? $", nor are {extra.Count - 1} other tensors" : "")}.");
        }
    }

    internal ModelFormatException Wrong(string problem) => new(_checkpoint.Path, problem);

    private float[] Read(string stored, StoredTensor tensor)
    {
        try
        {
            return tensor.ReadFloats();
        }
        catch (Exception e) when (e is IOException or NotSupportedException or OverflowException)
        {
            throw new ModelFormatException(_checkpoint.Path, $"{stored} cannot be read: {e.Message}", e);
        }
    }

    private float[] Hashed(string name, long[] shape, float[] values)
    {
        _hash.AppendData(Encoding.UTF8.GetBytes(name));
        var size = new byte[sizeof(long)];
        foreach (var side in shape)
        {
            BinaryPrimitives.WriteInt64LittleEndian(size, side);
            _hash.AppendData(size);
        }

        _hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
