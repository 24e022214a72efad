using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Parameters that share settings; what the settings leave open follows the optimizer's.</summary>
public abstract class ParamGroup<TOptions>(IEnumerable<Parameter> parameters, TOptions options) : optim.ILearningRateController
    where TOptions : OptimizerOptions
{
    public IEnumerable<Parameter> Parameters { get; } = [.. parameters];

    public TOptions Options { get; } = options;

    public double LearningRate
    {
        get => Options.LearningRate!.Value;
        set => Options.LearningRate = value;
    }

    public double InitialLearningRate
    {
        get => Options.InitialLearningRate;
        set => Options.InitialLearningRate = value;
    }
}
