namespace TorchSharp;

/// <summary>
/// Owns the tensors made while it is the innermost scope of its thread; disposing it disposes them. A scope belongs to the thread that
/// opened it: no await inside.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    private readonly HashSet<torch.Tensor> _tensors = new(ReferenceEqualityComparer.Instance);

    internal DisposeScope(DisposeScope? outer) => OuterScope = outer;

    /// <summary>How many tensors would be disposed now.</summary>
    public int DisposablesCount => _tensors.Count;

    internal DisposeScope? OuterScope { get; }

    /// <summary>Hands a tensor of this scope to the enclosing one, or to the caller where there is none.</summary>
    public torch.Tensor MoveToOuter(torch.Tensor tensor) => HandTo(OuterScope, tensor);

    /// <summary>Hands a tensor of this scope to the caller, out of every scope.</summary>
    public torch.Tensor Detach(torch.Tensor tensor) => HandTo(null, tensor);

    public void Dispose()
    {
        foreach (var tensor in _tensors.ToArray())
        {
            tensor.Dispose();
        }

        DisposeScopeManager.Close(this);
    }

    internal void Add(torch.Tensor tensor)
    {
        _tensors.Add(tensor);
        tensor.Scope = this;
    }

    internal void Remove(torch.Tensor tensor)
    {
        if (_tensors.Remove(tensor))
        {
            tensor.Scope = null;
        }
    }

    private torch.Tensor HandTo(DisposeScope? scope, torch.Tensor tensor)
    {
        if (tensor.Scope == this)
        {
            Remove(tensor);
            scope?.Add(tensor);
        }

        return tensor;
    }
}
