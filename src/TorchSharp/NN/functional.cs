namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>How a loss over many elements becomes one number; numbered as in ATen/core/Reduction.h.</summary>
        public enum Reduction : long
        {
            None = 0,
            Mean = 1,
            Sum = 2,
        }

        public static partial class functional
        {
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Ops.Linear.Call(input, weights, bias);

            public static Tensor conv2d(
                Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null,
                long groups = 1) =>
                Ops.Conv2d.Call(input, weight, bias, strides ?? [1, 1], padding ?? [0, 0], dilation ?? [1, 1], groups);

            public static Tensor layer_norm(
                Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                Ops.LayerNorm.Call(input, normalized_shape, weight, bias, eps);

            public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                Ops.GroupNorm.Call(input, num_groups, weight, bias, eps);

            public static Tensor batch_norm(
                Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight = null, Tensor? bias = null, bool training = false,
                double momentum = 0.1, double eps = 1e-5) =>
                Ops.BatchNorm.Call(input, weight, bias, running_mean, running_var, training, momentum, eps, true);

            public static Tensor relu(Tensor x, bool inplace = false) => NotInPlace(inplace, Ops.Relu.Call(x));

            public static Tensor gelu(Tensor x) => Ops.Gelu.Call(x);

            public static Tensor gelu(Tensor x, Modules.GELU.Approximate approximate, bool inplace = false) =>
                NotInPlace(inplace, Ops.Gelu.Call(x, approximate == Modules.GELU.Approximate.tanh ? "tanh" : "none"));

            public static Tensor silu(Tensor x, bool inplace = false) => NotInPlace(inplace, Ops.Silu.Call(x));

            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

            public static Tensor log_softmax(Tensor x, long dim) => Ops.LogSoftmax.Call(x, dim);

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                NotInPlace(inplace, Ops.Dropout.Call(input, p, training));

            public static Tensor avg_pool2d(
                Tensor input, long kernel_size, long? stride = null, long padding = 0, bool ceil_mode = false,
                bool count_include_pad = true, long? divisor_override = null) =>
                Ops.AvgPool2d.Call(
                    input, Both(kernel_size), Both(stride ?? kernel_size), Both(padding), ceil_mode, count_include_pad, divisor_override);

            public static Tensor max_pool2d(
                Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
                Ops.MaxPool2d.Call(
                    input, Both(kernel_size), Both(stride ?? kernel_size), Both(padding ?? 0), Both(dilation ?? 1), ceil_mode);

            /// <summary>Resizes [N, C, H, W] to a size or by factors.</summary>
            public static Tensor interpolate(
                Tensor x, long[]? size = null, double[]? scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest,
                bool? align_corners = null, bool recompute_scale_factor = false, bool antialias = false)
            {
                var corners = align_corners ?? false;
                return (mode, antialias) switch
                {
                    (InterpolationMode.Nearest, false) => Ops.UpsampleNearest2d.Call(x, size, scale_factor),
                    (InterpolationMode.Bilinear, false) => Ops.UpsampleBilinear2d.Call(x, size, corners, scale_factor),
                    (InterpolationMode.Bilinear, true) => Ops.UpsampleBilinear2dAntialiased.Call(x, size, corners, scale_factor),
                    (InterpolationMode.Bicubic, false) => Ops.UpsampleBicubic2d.Call(x, size, corners, scale_factor),
                    (InterpolationMode.Bicubic, true) => Ops.UpsampleBicubic2dAntialiased.Call(x, size, corners, scale_factor),
                    _ => throw new NotSupportedException($"{mode} with antialias {antialias} is not bound."),
                };
            }

            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                mode == PaddingModes.Constant
                    ? Ops.Pad.Call(input, pad, value)
                    : throw new NotSupportedException($"Padding by {mode} is not bound.");

            public static Tensor normalize(Tensor input, double p = 2.0, long dim = 1L, double eps = 1e-12)
            {
                using var scope = NewDisposeScope();
                return (input / input.norm((int)dim, keepdim: true, (float)p).clamp(eps)).MoveToOuterDisposeScope();
            }

            /// <summary>softmax(QK^T / sqrt(E)) V over the last two dimensions; fused where libtorch is 2.0 or later.</summary>
            public static Tensor scaled_dot_product_attention(
                Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0.0, bool is_casual = false)
            {
                if (HasFusedAttention)
                {
                    return Ops.ScaledDotProductAttention.Call(query, key, value, attn_mask, p, is_casual);
                }

                using var scope = NewDisposeScope();
                var weights = (query * (1 / Math.Sqrt(query.size(-1)))).matmul(key.transpose(-2, -1));
                if (is_casual)
                {
                    var (rows, columns) = (query.size(-2), key.size(-2));
                    weights = weights.masked_fill(ones([rows, columns], @bool, query.device).tril().logical_not(), double.NegativeInfinity);
                }

                if (attn_mask is not null)
                {
                    weights = attn_mask.dtype == ScalarType.Bool
                        ? weights.masked_fill(attn_mask.logical_not(), double.NegativeInfinity)
                        : weights + attn_mask;
                }

                return dropout(weights.softmax(-1), p, p > 0).matmul(value).MoveToOuterDisposeScope();
            }

            public static Tensor cross_entropy(
                Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean,
                double label_smoothing = 0.0) =>
                Ops.CrossEntropy.Call(input, target, weight, (long)reduction, ignore_index, label_smoothing);

            public static Tensor binary_cross_entropy_with_logits(
                Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null) =>
                Ops.BinaryCrossEntropyWithLogits.Call(input, target, weight, pos_weights, (long)reduction);

            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                Ops.MseLoss.Call(input, target, (long)reduction);

            public static Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                Ops.L1Loss.Call(input, target, (long)reduction);

            public static Tensor one_hot(Tensor x, long num_classes = -1) => Ops.OneHot.Call(x, num_classes);

            private static bool HasFusedAttention { get; } = !LibtorchVersion.StartsWith("1.", StringComparison.Ordinal);

            private static long[] Both(long side) => [side, side];

            private static Tensor NotInPlace(bool inplace, Tensor result) =>
                inplace ? throw new NotSupportedException("The in-place form is not bound.") : result;
        }
    }
}
