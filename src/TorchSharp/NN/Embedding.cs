using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>A table of vectors, looked up by whole numbers.</summary>
    public sealed class Embedding : nn.Module<Tensor, Tensor>
    {
        internal Embedding(long rows, long width, Device? device, ScalarType? dtype)
            : base(nameof(Embedding))
        {
            using var made = randn([rows, width], dtype ?? ScalarType.Float32, device);
            register_parameter("weight", new Parameter(made));
        }

        public Parameter weight => get_parameter(nameof(weight))!;

        public override Tensor forward(Tensor input) => Ops.Embedding.Call(weight, input);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Embedding Embedding(
                long num_embeddings, long embedding_dims, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0,
                bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null) =>
                padding_idx is null && max_norm is null && !scale_grad_by_freq && !sparse
                    ? new(num_embeddings, embedding_dims, device, dtype)
                    : throw new NotSupportedException("Only plain embedding tables are bound.");
        }
    }
}
