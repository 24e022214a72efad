namespace TorchSharp.Modules;

public sealed partial class AdamW
{
    /// <summary>The settings of one group; null: the optimizer's.</summary>
    public sealed class Options : OptimizerOptions
    {
        // Fields, as in TorchSharp.
        public double? beta1;
        public double? beta2;
        public double? weight_decay;
        public double? eps;

        public override void SaveStateDict(BinaryWriter writer)
        {
            base.SaveStateDict(writer);
            writer.Write(beta1!.Value);
            writer.Write(beta2!.Value);
            writer.Write(eps!.Value);
            writer.Write(weight_decay!.Value);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            base.LoadStateDict(reader);
            (beta1, beta2, eps, weight_decay) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
        }

        public override void LoadStateDict(OptimizerOptions source)
        {
            base.LoadStateDict(source);
            var other = (Options)source;
            (beta1, beta2, eps, weight_decay) = (other.beta1, other.beta2, other.eps, other.weight_decay);
        }

        internal void Complete(Options defaults)
        {
            LearningRate ??= defaults.LearningRate;
            InitialLearningRate = LearningRate!.Value;
            beta1 ??= defaults.beta1;
            beta2 ??= defaults.beta2;
            eps ??= defaults.eps;
            weight_decay ??= defaults.weight_decay;
            Check(nameof(LearningRate), LearningRate.Value, double.MaxValue);
            Check(nameof(beta1), beta1!.Value, Math.BitDecrement(1.0));
            Check(nameof(beta2), beta2!.Value, Math.BitDecrement(1.0));
            Check(nameof(eps), eps!.Value, double.MaxValue);
            Check(nameof(weight_decay), weight_decay!.Value, double.MaxValue);
        }

        private static void Check(string name, double value, double most)
        {
            if (!(value >= 0 && value <= most))
            {
                throw new ArgumentException($"Invalid {name}: {value}", name);
            }
        }
    }

    /// <inheritdoc cref="ParamGroup{TOptions}"/>
    public sealed class ParamGroup(IEnumerable<Parameter> parameters, Options options) : ParamGroup<Options>(parameters, options);
}
