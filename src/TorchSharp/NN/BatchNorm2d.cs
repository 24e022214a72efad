using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Normalises each channel of [N, C, H, W], by the batch in training and by running statistics otherwise.</summary>
    public sealed class BatchNorm2d : nn.Module<Tensor, Tensor>
    {
        private readonly double _eps;
        private readonly double _momentum;

        internal BatchNorm2d(long features, double eps, double momentum, Device? device, ScalarType? dtype)
            : base(nameof(BatchNorm2d))
        {
            (_eps, _momentum) = (eps, momentum);
            register_parameter("weight", nn.Filled([features], 1, device, dtype));
            register_parameter("bias", nn.Filled([features], 0, device, dtype));
            register_buffer("running_mean", zeros([features], dtype ?? ScalarType.Float32, device));
            register_buffer("running_var", ones([features], dtype ?? ScalarType.Float32, device));
            register_buffer("num_batches_tracked", zeros([], ScalarType.Int64, device));
        }

        public Parameter weight => get_parameter(nameof(weight))!;

        public Parameter bias => get_parameter(nameof(bias))!;

        public Tensor running_mean => get_buffer(nameof(running_mean))!;

        public Tensor running_var => get_buffer(nameof(running_var))!;

        public override Tensor forward(Tensor input)
        {
            if (training)
            {
                get_buffer("num_batches_tracked")!.add_(1);
            }

            return nn.functional.batch_norm(input, running_mean, running_var, weight, bias, training, _momentum, _eps);
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static BatchNorm2d BatchNorm2d(
                long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true,
                Device? device = null, ScalarType? dtype = null) =>
                affine && track_running_stats
                    ? new(num_features, eps, momentum, device, dtype)
                    : throw new NotSupportedException("Batch normalisation without weights or statistics is not bound.");
        }
    }
}
