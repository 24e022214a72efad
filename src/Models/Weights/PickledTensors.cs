namespace Sightline.Models.Weights;

/// <summary>Finds the tensors in what a pickle holds, under the names that a state dict would give them.</summary>
internal static class PickledTensors
{
    private const int MostNodes = 2_000_000;
    private const int DeepestNesting = 64;

    // Where trainers put the weights among optimizer state, epoch and the like.
    private static readonly string[] StateKeys = ["state_dict", "model_state_dict", "model"];

    private static readonly Dictionary<string, WeightType> StorageTypes = new()
    {
        ["FloatStorage"] = WeightType.Float32, ["HalfStorage"] = WeightType.Float16, ["BFloat16Storage"] = WeightType.BFloat16,
        ["DoubleStorage"] = WeightType.Float64, ["LongStorage"] = WeightType.Int64, ["IntStorage"] = WeightType.Int32,
        ["ShortStorage"] = WeightType.Int16, ["CharStorage"] = WeightType.Int8, ["ByteStorage"] = WeightType.UInt8,
        ["BoolStorage"] = WeightType.Bool,
    };

    /// <param name="root">What the pickle holds: a state dict, a training checkpoint around one, or a (scripted) module.</param>
    /// <param name="storages">Finds a storage's bytes by its key.</param>
    /// <exception cref="InvalidDataException">A tensor reaches beyond its storage, or the nesting has no end.</exception>
    internal static Dictionary<string, StoredTensor> Find(object? root, Func<string, FileRegion?> storages)
    {
        var state = root;
        foreach (var key in StateKeys)
        {
            if (root is PickleDictionary dictionary && dictionary.TryGet(key, out var held) && held is PickleDictionary or PickleRecord)
            {
                state = held;
                break;
            }
        }

        var tensors = new Dictionary<string, StoredTensor>();
        var nodes = 0;
        Collect(state, "", 0);
        return tensors;

        void Collect(object? node, string name, int depth)
        {
            if (++nodes > MostNodes || depth > DeepestNesting)
            {
                throw new InvalidDataException("the objects in the pickle nest without end.");
            }

            switch (node)
            {
                case PickleTensor tensor:
                    tensors[name] = Place(name, tensor, storages);
                    break;
                case PickleDictionary dictionary:
                    foreach (var (key, value) in dictionary.Items)
                    {
                        if (key is string child)
                        {
                            Collect(value, Join(name, child), depth + 1);
                        }
                    }

                    break;
                case PickleRecord { State: { } held }:
                    Collect(held, name, depth + 1);
                    break;
            }
        }
    }

    // A pickled nn.Module keeps its tensors in these three; they are no part of a weight's name.
    private static string Join(string name, string child) =>
        child is "_parameters" or "_buffers" or "_modules" ? name : name.Length == 0 ? child : $"{name}.{child}";

    private static StoredTensor Place(string name, PickleTensor tensor, Func<string, FileRegion?> storages)
    {
        if (tensor.Storage is not PickleStorage { Tuple: object?[] and ["storage", PickleGlobal type, string key, _, long elements, ..] }
            || !StorageTypes.TryGetValue(type.Name, out var weightType))
        {
            throw new InvalidDataException($"{name} lies in a storage of an unknown kind.");
        }

        var region = storages(key) ?? throw new InvalidDataException($"{name} lies in storage {key}, which the file does not have.");
        Check(name, tensor, elements, weightType, region);
        return new StoredTensor(weightType, tensor.Shape, tensor.Strides, tensor.Offset, region);
    }

    private static void Check(string name, PickleTensor tensor, long elements, WeightType type, FileRegion region)
    {
        if (tensor.Shape.Length != tensor.Strides.Length || tensor.Shape.Length > 16
            || tensor.Shape.Any(s => s < 0) || tensor.Strides.Any(s => s < 0) || tensor.Offset < 0 || elements < 0)
        {
            throw new InvalidDataException($"{name} has impossible sizes or strides.");
        }

        if ((Int128)elements * type.Size() > region.Length)
        {
            throw new InvalidDataException(
                $"{name} lies in a storage of {elements} numbers, of which the file has {region.Length / type.Size()}.");
        }

        Int128 count = 1, last = tensor.Offset;
        for (var i = 0; i < tensor.Shape.Length; i++)
        {
            count *= Math.Max(1, tensor.Shape[i]);
            last += (Int128)Math.Max(0, tensor.Shape[i] - 1) * tensor.Strides[i];
            if (count > elements && !tensor.Shape.Contains(0))
            {
                throw new InvalidDataException(
                    $"{name} [{string.Join(", ", tensor.Shape)}] is larger than its storage of {elements} numbers.");
            }
        }

        if (!tensor.Shape.Contains(0) && last >= elements)
        {
            throw new InvalidDataException($"{name} reaches number {last} of a storage of {elements}.");
        }
    }
}
