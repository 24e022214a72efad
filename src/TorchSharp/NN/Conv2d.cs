using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>A two-dimensional convolution over [N, C, H, W].</summary>
    public sealed class Conv2d : nn.Module<Tensor, Tensor>
    {
        private readonly long _stride;
        private readonly long _padding;
        private readonly long _dilation;
        private readonly long _groups;

        internal Conv2d(
            long inputs, long outputs, long kernel, long stride, long padding, long dilation, long groups, bool hasBias, Device? device,
            ScalarType? dtype)
            : base(nameof(Conv2d))
        {
            (_stride, _padding, _dilation, _groups) = (stride, padding, dilation, groups);
            var bound = 1 / Math.Sqrt((double)inputs / groups * kernel * kernel);
            register_parameter("weight", nn.Uniform([outputs, inputs / groups, kernel, kernel], bound, device, dtype));
            if (hasBias)
            {
                register_parameter("bias", nn.Uniform([outputs], bound, device, dtype));
            }
        }

        public Parameter weight => get_parameter(nameof(weight))!;

        public Parameter? bias => get_parameter(nameof(bias));

        public override Tensor forward(Tensor input) => nn.functional.conv2d(
            input, weight, bias, [_stride, _stride], [_padding, _padding], [_dilation, _dilation], _groups);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Conv2d Conv2d(
                long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null,
                ScalarType? dtype = null) =>
                padding_mode == PaddingModes.Zeros
                    ? new(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, device, dtype)
                    : throw new NotSupportedException($"Padding by {padding_mode} is not bound.");
        }
    }
}
