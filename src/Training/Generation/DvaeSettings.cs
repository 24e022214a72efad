using Sightline.Models.Generation;
using Sightline.Models.Weights;

namespace Sightline.Training.Generation;

/// <summary>How a dVAE is trained, from <c>objective</c>, <c>samples</c> and <c>export</c>.</summary>
/// <param name="TemperatureFrom">Of the relaxation, at the first step.</param>
/// <param name="TemperatureTo">And from <paramref name="TemperatureSteps"/> on.</param>
/// <param name="TemperatureSteps">0: an eighth of the training, as the paper's 150,000 are of the 1,200,000 steps in which its step size
/// falls.</param>
/// <param name="Beta">Weight of the divergence after its warm-up from 0.</param>
/// <param name="BetaSteps">0: a 240th of the training (the paper's 5,000).</param>
/// <param name="Samples">Held-out pictures that are drawn with their reconstructions.</param>
/// <param name="Weights">What the model's numbers are stored as.</param>
internal sealed record DvaeSettings(
    double TemperatureFrom, double TemperatureTo, long TemperatureSteps, double Beta, long BetaSteps, int Samples, WeightType Weights)
{
    private const long LongestTraining = 1_000_000_000;

    internal static DvaeSettings Read(ConfigSection config)
    {
        var (temperature, beta) = (CosineSchedule.Temperature, CosineSchedule.DivergenceWeight);
        var objective = config.Section("objective");
        return new DvaeSettings(
            objective.Number("temperature_from", temperature.From, 1e-3, 100), objective.Number("temperature_to", temperature.To, 1e-3, 100),
            objective.Integer("temperature_steps", 0, 0, LongestTraining), objective.Number("beta", beta.To, 0, 1e6),
            objective.Integer("beta_steps", 0, 0, LongestTraining), (int)config.Section("samples").Integer("pictures", 8, 0, 64),
            ModelFiles.TypeOf(config.Section("export")));
    }

    /// <param name="step">Updates done.</param>
    /// <param name="steps">Of the whole training.</param>
    internal double TemperatureAt(long step, long steps) =>
        new CosineSchedule(TemperatureFrom, TemperatureTo, Scaled(TemperatureSteps, CosineSchedule.Temperature, steps)).At(step);

    /// <inheritdoc cref="TemperatureAt"/>
    internal double BetaAt(long step, long steps) =>
        new CosineSchedule(0, Beta, Scaled(BetaSteps, CosineSchedule.DivergenceWeight, steps)).At(step);

    private static long Scaled(long given, CosineSchedule paper, long steps) =>
        given > 0 ? given : Math.Max(1, (long)Math.Round((double)steps * paper.Steps / CosineSchedule.StepSize.Steps));
}
