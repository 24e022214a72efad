using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>A group of parameters as a schedule sees it.</summary>
        public interface ILearningRateController
        {
            double LearningRate { get; set; }

            /// <summary>The rate that the group began with.</summary>
            double InitialLearningRate { get; set; }
        }

        /// <summary>Changes parameters by the gradients that backward has left in them.</summary>
        public abstract class Optimizer : IDisposable
        {
            /// <summary>Set LearningRate here to follow a schedule.</summary>
            public abstract IEnumerable<ILearningRateController> ParamGroups { get; }

            /// <summary>Changes every parameter that has a gradient.</summary>
            /// <param name="closure">Computes the gradients and returns the loss.</param>
            /// <returns>What closure returned.</returns>
            public abstract Tensor? step(Func<Tensor>? closure = null);

            /// <summary>Forgets all gradients.</summary>
            public abstract void zero_grad();

            public abstract IEnumerable<Parameter> parameters();

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected abstract void Dispose(bool disposing);

            /// <summary>Settings by group and state by parameter, in the optimizer's order and its own, no copies.</summary>
            public sealed class StateDictionary
            {
                internal StateDictionary()
                {
                }

                public List<OptimizerOptions> Options { get; } = [];

                public List<OptimizerState> State { get; } = [];
            }
        }
    }
}
