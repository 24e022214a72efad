using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>y = x A^T + b.</summary>
    public sealed class Linear : nn.Module<Tensor, Tensor>
    {
        internal Linear(long inputs, long outputs, bool hasBias, Device? device, ScalarType? dtype)
            : base(nameof(Linear))
        {
            var bound = 1 / Math.Sqrt(inputs);
            register_parameter("weight", nn.Uniform([outputs, inputs], bound, device, dtype));
            if (hasBias)
            {
                register_parameter("bias", nn.Uniform([outputs], bound, device, dtype));
            }
        }

        public Parameter weight => get_parameter(nameof(weight))!;

        public Parameter? bias => get_parameter(nameof(bias));

        public override Tensor forward(Tensor input) => nn.functional.linear(input, weight, bias);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Linear Linear(
                long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, outputSize, hasBias, device, dtype);

            // PyTorch's default for linear and convolution: uniform within 1/sqrt(fan in).
            internal static Parameter Uniform(long[] size, double bound, Device? device, ScalarType? dtype)
            {
                using var guard = no_grad();
                using var made = empty(size, dtype ?? ScalarType.Float32, device);
                return new Parameter(made.uniform_(-bound, bound));
            }

            internal static Parameter Filled(long[] size, Scalar value, Device? device, ScalarType? dtype)
            {
                using var made = full(size, value, dtype ?? ScalarType.Float32, device);
                return new Parameter(made);
            }
        }
    }
}
