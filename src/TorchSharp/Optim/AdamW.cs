using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2).</summary>
    public sealed partial class AdamW : OptimizerHelper
    {
        private readonly List<(ParamGroup Group, List<(Parameter Parameter, State State)> Rows)> _groups = [];

        internal AdamW(IEnumerable<ParamGroup> groups, Options defaults)
        {
            foreach (var group in groups)
            {
                group.Options.Complete(defaults);
                _groups.Add((group, [.. group.Parameters.Select(p => (p, new State(p)))]));
            }
        }

        /// <inheritdoc/>
        public override IEnumerable<optim.ILearningRateController> ParamGroups => _groups.Select(g => g.Group);

        /// <inheritdoc/>
        public override IEnumerable<Parameter> parameters() => _groups.SelectMany(g => g.Rows, (_, row) => row.Parameter);

        /// <inheritdoc/>
        public override Tensor? step(Func<Tensor>? closure = null)
        {
            var loss = closure?.Invoke();
            using var guard = no_grad();
            foreach (var (group, rows) in _groups)
            {
                // Parameters whose gradients skipped a step are behind, and have a bias correction of their own.
                foreach (var even in rows.Where(r => r.Parameter.HasGrad).GroupBy(r => ++r.State.step))
                {
                    Step([.. even], even.Key, group.Options);
                }
            }

            return loss;
        }

        /// <inheritdoc/>
        public override void zero_grad()
        {
            foreach (var parameter in parameters())
            {
                parameter.grad = null;
            }
        }

        /// <inheritdoc/>
        public override StateDictionary state_dict()
        {
            var state = new StateDictionary();
            state.Options.AddRange(_groups.Select(g => g.Group.Options));
            state.State.AddRange(_groups.SelectMany(g => g.Rows, (_, row) => row.State));
            return state;
        }

        /// <inheritdoc/>
        protected override void Dispose(bool disposing)
        {
            foreach (var (_, state) in _groups.SelectMany(g => g.Rows))
            {
                state.Dispose();
            }
        }

        private static void Step((Parameter Parameter, State State)[] rows, long step, Options options)
        {
            using var scope = NewDisposeScope();
            var (rate, beta1, beta2) = (options.LearningRate!.Value, options.beta1!.Value, options.beta2!.Value);
            var parameters = Array.ConvertAll(rows, r => (Tensor)r.Parameter);
            var gradients = Array.ConvertAll(rows, r => r.Parameter.grad!);
            var means = Array.ConvertAll(rows, r => r.State.exp_avg);
            var squares = Array.ConvertAll(rows, r => r.State.exp_avg_sq);

            Ops.ForeachMulInPlace.CallInPlace(parameters, 1 - rate * options.weight_decay!.Value);
            Ops.ForeachMulInPlace.CallInPlace(means, beta1);
            Ops.ForeachAddListInPlace.CallInPlace(means, gradients, 1 - beta1);
            Ops.ForeachMulInPlace.CallInPlace(squares, beta2);
            Ops.ForeachAddcmulInPlace.CallInPlace(squares, gradients, gradients, 1 - beta2);
            var denominators = Ops.ForeachSqrt.CallMany(squares);
            Ops.ForeachDivInPlace.CallInPlace(denominators, Math.Sqrt(1 - Math.Pow(beta2, step)));
            Ops.ForeachAddInPlace.CallInPlace(denominators, options.eps!.Value);
            Ops.ForeachAddcdivInPlace.CallInPlace(parameters, means, denominators, -rate / (1 - Math.Pow(beta1, step)));
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public static AdamW AdamW(
                IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
                double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                AdamW([new AdamW.ParamGroup(parameters, new AdamW.Options())], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static AdamW AdamW(
                IEnumerable<AdamW.ParamGroup> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
                double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            {
                if (amsgrad || maximize)
                {
                    throw new NotSupportedException("amsgrad and maximize are not bound.");
                }

                var options = new AdamW.Options { LearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay };
                return new(parameters, options);
            }
        }
    }
}
