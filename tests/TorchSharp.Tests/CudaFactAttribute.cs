namespace TorchSharp.Tests;

/// <summary>A test that is skipped, with the reason, where libtorch finds no GPU.</summary>
internal sealed class CudaFactAttribute : FactAttribute
{
    public CudaFactAttribute() => Skip = torch.cuda.is_available() ? null : "libtorch finds no CUDA device on this machine.";
}
