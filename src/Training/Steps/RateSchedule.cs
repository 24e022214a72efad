using Sightline.Models.Generation;

namespace Sightline.Training.Steps;

/// <summary>The step size of each update.</summary>
/// <param name="settings">Rate, warm-up and what follows it.</param>
/// <param name="steps">Updates of the whole training; more than the warm-up's.</param>
internal sealed class RateSchedule(AdamWSettings settings, long steps)
{
    private readonly CosineSchedule _descent = new(settings.Rate, settings.FinalRate, steps - settings.Warmup);

    /// <param name="step">Updates done before, from 0 on. The first update of a warm-up of N has the N-th part of the rate, the N-th all
    /// of it; the cosine (arXiv 1608.03983, equation 5) would reach its end one step after the last.</param>
    internal double At(long step) => step < settings.Warmup
        ? settings.Rate * (step + 1) / settings.Warmup
        : settings.Shape == RateShape.Constant ? settings.Rate : _descent.At(step - settings.Warmup);
}
