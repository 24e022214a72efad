using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2).</summary>
    public sealed class AdamW : optim.Optimizer
    {
        private readonly (double Beta1, double Beta2, double Eps, double WeightDecay) _defaults;
        private readonly Dictionary<Parameter, (Tensor Mean, Tensor Square)> _moments = new(ReferenceEqualityComparer.Instance);
        private readonly List<ParamGroup> _groups;
        private long _steps;

        internal AdamW(IEnumerable<ParamGroup> groups, double lr, double beta1, double beta2, double eps, double weightDecay)
        {
            _defaults = (beta1, beta2, eps, weightDecay);
            _groups = [.. groups];
            foreach (var group in _groups)
            {
                group.LearningRate = group.Options?.LearningRate ?? lr;
            }
        }

        /// <summary>Change LearningRate here to follow a schedule.</summary>
        public override IEnumerable<optim.ILearningRateController> ParamGroups => _groups;

        public override Tensor? step(Func<Tensor>? closure = null)
        {
            var loss = closure?.Invoke();
            using var guard = no_grad();
            using var scope = NewDisposeScope();
            _steps++;
            foreach (var group in _groups)
            {
                foreach (var parameter in group.Parameters)
                {
                    Step(parameter, group);
                }
            }

            return loss;
        }

        public override void zero_grad()
        {
            foreach (var parameter in _groups.SelectMany(g => g.Parameters))
            {
                parameter.grad = null;
            }
        }

        protected override void Dispose(bool disposing)
        {
            foreach (var (mean, square) in _moments.Values)
            {
                mean.Dispose();
                square.Dispose();
            }

            _moments.Clear();
        }

        private void Step(Parameter parameter, ParamGroup group)
        {
            if (parameter.grad is not { } grad)
            {
                return;
            }

            var beta1 = group.Options?.beta1 ?? _defaults.Beta1;
            var beta2 = group.Options?.beta2 ?? _defaults.Beta2;
            var eps = group.Options?.eps ?? _defaults.Eps;
            if (!_moments.TryGetValue(parameter, out var moments))
            {
                moments = (zeros_like(parameter).DetachFromDisposeScope(), zeros_like(parameter).DetachFromDisposeScope());
                _moments.Add(parameter, moments);
            }

            parameter.mul_(1 - group.LearningRate * (group.Options?.weight_decay ?? _defaults.WeightDecay));
            moments.Mean.mul_(beta1).add_(grad, 1 - beta1);
            moments.Square.mul_(beta2).add_(grad * grad, 1 - beta2);
            var size = group.LearningRate / (1 - Math.Pow(beta1, _steps));
            var denominator = (moments.Square / (1 - Math.Pow(beta2, _steps))).sqrt().add_(eps);
            parameter.add_(moments.Mean / denominator, -size);
        }

        public sealed class Options
        {
            public double? LearningRate { get; set; }

            public double? beta1 { get; set; }

            public double? beta2 { get; set; }

            public double? eps { get; set; }

            public double? weight_decay { get; set; }
        }

        /// <summary>Parameters that share settings; what Options leaves open follows the optimizer's.</summary>
        public sealed class ParamGroup : optim.ILearningRateController
        {
            public ParamGroup(IEnumerable<Parameter> parameters, Options? options = null)
            {
                Parameters = [.. parameters];
                Options = options;
            }

            public IEnumerable<Parameter> Parameters { get; }

            public Options? Options { get; }

            public double LearningRate { get; set; }
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public interface ILearningRateController
            {
                double LearningRate { get; set; }
            }

            public abstract class Optimizer : IDisposable
            {
                public abstract IEnumerable<ILearningRateController> ParamGroups { get; }

                public abstract Tensor? step(Func<Tensor>? closure = null);

                public abstract void zero_grad();

                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }

                protected abstract void Dispose(bool disposing);
            }

            public static AdamW AdamW(
                IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0,
                bool amsgrad = false, bool maximize = false) =>
                AdamW([new AdamW.ParamGroup(parameters)], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static AdamW AdamW(
                IEnumerable<AdamW.ParamGroup> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
                double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                !amsgrad && !maximize
                    ? new(parameters, lr, beta1, beta2, eps, weight_decay)
                    : throw new NotSupportedException("amsgrad and maximize are not bound.");
        }
    }
}
