using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            /// <summary>Scales all gradients so that their norm, taken together, is at most max_norm.</summary>
            /// <returns>The norm before; waits for the device.</returns>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2.0)
            {
                using var guard = no_grad();
                using var scope = NewDisposeScope();
                var gradients = tensors.Select(p => p.grad).OfType<Tensor>().ToArray();
                if (gradients.Length == 0)
                {
                    return 0;
                }

                var norms = gradients.Select(g => g.norm((float)norm_type).to(ScalarType.Float32, gradients[0].device));
                var norm = stack(norms).norm((float)norm_type).ToDouble();
                if (norm > max_norm)
                {
                    Ops.ForeachMulInPlace.CallInPlace(gradients, max_norm / (norm + 1e-6));
                }

                return norm;
            }
        }
    }
}
