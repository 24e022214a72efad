namespace Sightline.Models.Weights;

/// <summary>A name that a pickle refers to. Never resolved to anything that runs.</summary>
internal sealed record PickleGlobal(string Module, string Name);

/// <summary>A dictionary in insertion order.</summary>
internal sealed class PickleDictionary
{
    internal List<(object? Key, object? Value)> Items { get; } = [];

    internal bool TryGet(string key, out object? value)
    {
        foreach (var (name, held) in Items)
        {
            if (name is string text && text == key)
            {
                value = held;
                return true;
            }
        }

        value = null;
        return false;
    }
}

/// <summary>A reference to a storage: the tuple that PyTorch's persistent_id wrote.</summary>
internal sealed record PickleStorage(object? Tuple);

/// <summary>Anything else: what was called with what, and the state it was given. Inert.</summary>
internal sealed class PickleRecord(object? callable, object? arguments)
{
    internal object? Callable { get; } = callable;

    internal object? Arguments { get; } = arguments;

    internal object? State { get; set; }
}

/// <summary>A tensor that a pickle rebuilds from a storage.</summary>
/// <param name="Storage">What it lies in.</param>
/// <param name="Offset">In elements.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="Strides">In elements.</param>
internal sealed record PickleTensor(object? Storage, long Offset, long[] Shape, long[] Strides);
