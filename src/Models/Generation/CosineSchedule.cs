namespace Sightline.Models.Generation;

/// <summary>A quantity that goes from one value to another along half a cosine, and stays there.</summary>
/// <param name="From">At step 0.</param>
/// <param name="To">From step <paramref name="Steps"/> on.</param>
/// <param name="Steps">Updates that the change takes; at least 1.</param>
internal sealed record CosineSchedule(double From, double To, long Steps)
{
    /// <summary>Of the relaxation in a dVAE's training (arXiv 2102.12092, appendix A.2, item 2).</summary>
    internal static CosineSchedule Temperature { get; } = new(1, 1.0 / 16, 150_000);

    /// <summary>Beta, which weighs the divergence in a dVAE's training (item 1).</summary>
    internal static CosineSchedule DivergenceWeight { get; } = new(0, 6.6, 5_000);

    /// <summary>The step size of a dVAE's training (item 3).</summary>
    internal static CosineSchedule StepSize { get; } = new(1e-4, 1.25e-6, 1_200_000);

    /// <param name="step">Updates done; below 0 counts as 0.</param>
    internal double At(long step)
    {
        var progress = Math.Clamp((double)step / Steps, 0, 1);
        return To + (From - To) * (1 + Math.Cos(Math.PI * progress)) / 2;
    }
}
