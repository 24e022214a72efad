namespace TorchSharp.Modules;

/// <summary>The Gaussian error linear unit.</summary>
public sealed class GELU : torch.nn.Module<torch.Tensor, torch.Tensor>
{
    private readonly Approximate _approximate;

    internal GELU(Approximate approximate)
        : base(nameof(GELU)) => _approximate = approximate;

    /// <summary>none: x Phi(x) exactly; tanh: the approximation of Hendrycks and Gimpel (arXiv 1606.08415).</summary>
    public enum Approximate
    {
        none,
        tanh,
    }

    public override torch.Tensor forward(torch.Tensor input) => torch.nn.functional.gelu(input, _approximate);
}
