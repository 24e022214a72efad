namespace Sightline.Training.Steps;

/// <summary>How the step size goes after the warm-up.</summary>
internal enum RateShape
{
    /// <summary>Half a cosine down to <see cref="AdamWSettings.FinalRate"/> at the last step.</summary>
    Cosine,

    /// <summary>It stays.</summary>
    Constant,
}

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101), its step size and the clipping before it.</summary>
/// <param name="Rate">Step size at the end of the warm-up.</param>
/// <param name="Decay">Weight decay, of parameters that decay; a step takes away the share rate x decay.</param>
/// <param name="Beta1">Of the running mean of gradients; 0 to less than 1.</param>
/// <param name="Beta2">Of the running mean of their squares; 0 to less than 1.</param>
/// <param name="Eps">Added to the root of that mean.</param>
/// <param name="Warmup">Steps over which the step size rises from nothing, evenly.</param>
/// <param name="FinalRate">Step size that the cosine ends at.</param>
/// <param name="ClipNorm">The largest norm that the gradients may have, taken together; infinite: they are left alone.</param>
internal sealed record AdamWSettings(
    double Rate, double Decay, double Beta1, double Beta2, double Eps, long Warmup, RateShape Shape, double FinalRate, double ClipNorm)
{
    /// <summary>Reads <c>optimizer: {rate, decay, beta1, beta2, eps, warmup, schedule, final_rate, clip_norm}</c>.</summary>
    /// <param name="section">May be empty.</param>
    /// <param name="defaults">What holds where the section says nothing. Its warm-up takes at most a tenth of the steps, since it is that of
    /// a long training.</param>
    /// <param name="steps">Of the whole training.</param>
    /// <exception cref="TrainingConfigException">A setting cannot be; names it.</exception>
    internal static AdamWSettings Read(ConfigSection section, AdamWSettings defaults, long steps)
    {
        var justBelowOne = Math.BitDecrement(1.0);
        var rate = section.Number("rate", defaults.Rate, 0, 100);
        var clip = section.Number("clip_norm", double.IsFinite(defaults.ClipNorm) ? defaults.ClipNorm : 0, 0, 1e12);
        var shape = section.Choice("schedule", NameOf(defaults.Shape), "cosine", "constant") == "cosine" ? RateShape.Cosine : RateShape.Constant;
        var settings = new AdamWSettings(
            rate,
            section.Number("decay", defaults.Decay, 0, 100),
            section.Number("beta1", defaults.Beta1, 0, justBelowOne),
            section.Number("beta2", defaults.Beta2, 0, justBelowOne),
            section.Number("eps", defaults.Eps, 0, 1),
            section.Integer("warmup", Math.Min(defaults.Warmup, steps / 10), 0, int.MaxValue),
            shape,
            section.Number("final_rate", Math.Min(rate, defaults.FinalRate), 0, 100),
            clip == 0 ? double.PositiveInfinity : clip);
        if (settings.Warmup >= steps)
        {
            throw section.Wrong("warmup", $"is less than the training's {steps} steps, not {settings.Warmup}");
        }

        return settings.FinalRate <= rate ? settings : throw section.Wrong("final_rate", "is at most the rate");
    }

    private static string NameOf(RateShape shape) => shape == RateShape.Cosine ? "cosine" : "constant";
}
