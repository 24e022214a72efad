namespace TorchSharp;

/// <summary>
/// Owns the tensors made while it is the innermost scope of its thread; disposing it disposes them. A scope belongs to the thread that
/// opened it: no await inside.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    private readonly HashSet<torch.Tensor> _tensors = new(ReferenceEqualityComparer.Instance);

    internal DisposeScope(DisposeScope? outer) => OuterScope = outer;

    internal DisposeScope? OuterScope { get; }

    /// <summary>How many tensors would be disposed now.</summary>
    public int DisposablesCount => _tensors.Count;

    /// <summary>Hands a tensor to the enclosing scope, or to the caller where there is none.</summary>
    public torch.Tensor MoveToOuter(torch.Tensor tensor)
    {
        Remove(tensor);
        tensor.Scope = OuterScope;
        OuterScope?.Add(tensor);
        return tensor;
    }

    /// <summary>Hands a tensor to the caller, out of every scope.</summary>
    public torch.Tensor Detach(torch.Tensor tensor)
    {
        Remove(tensor);
        tensor.Scope = null;
        return tensor;
    }

    public void Dispose()
    {
        foreach (var tensor in _tensors.ToArray())
        {
            tensor.Dispose();
        }

        _tensors.Clear();
        DisposeScopeManager.Close(this);
    }

    internal void Add(torch.Tensor tensor) => _tensors.Add(tensor);

    internal void Remove(torch.Tensor tensor) => _tensors.Remove(tensor);
}
