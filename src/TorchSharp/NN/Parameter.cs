using TorchSharp.Native;

namespace TorchSharp.Modules;

/// <summary>A tensor that a module learns. It belongs to its module, not to a dispose scope.</summary>
public sealed class Parameter : torch.Tensor
{
    /// <summary>Shares the tensor's numbers; the tensor itself may be disposed.</summary>
    public Parameter(torch.Tensor data, bool requires_grad = true)
        : base(Alias(data))
    {
        DetachFromDisposeScope();
        requires_grad_(requires_grad);
    }

    private static TensorHandle Alias(torch.Tensor data) => Ops.Detach.CallHandle(data);
}
