using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>The Gaussian error linear unit.</summary>
    public sealed class GELU : nn.Module<Tensor, Tensor>
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

        public override Tensor forward(Tensor input) => nn.functional.gelu(input, _approximate);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static GELU GELU() => new(Modules.GELU.Approximate.none);

            public static GELU GELU(GELU.Approximate approximate, bool inplace = false) =>
                inplace ? throw new NotSupportedException("The in-place form is not bound.") : new(approximate);
        }
    }
}
