namespace Sightline.Training.Steps;

/// <summary>What a kind of training does where its configuration says nothing.</summary>
/// <param name="EmaDecay">Of the averaged weights; 0: there are none.</param>
internal sealed record TrainerDefaults(AdamWSettings Optimizer, int Batch, double EmaDecay)
{
    /// <summary>CLIP's paper (arXiv 2103.00020, tables 18 and 19): the vision transformers'.</summary>
    internal static TrainerDefaults Clip { get; } = new(
        new(Rate: 5e-4, Decay: 0.2, Beta1: 0.9, Beta2: 0.98, Eps: 1e-6, Warmup: 2_000, RateShape.Cosine, FinalRate: 0, double.PositiveInfinity),
        Batch: 256, EmaDecay: 0);

    /// <summary>The dVAE of arXiv 2102.12092, appendix A.2.</summary>
    internal static TrainerDefaults Dvae { get; } = new(
        new(Rate: 1e-4, Decay: 1e-4, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Warmup: 0, RateShape.Cosine, FinalRate: 1.25e-6, double.PositiveInfinity),
        Batch: 64, EmaDecay: 0.999);

    /// <summary>The transformer of arXiv 2102.12092, appendix B. The rate there is halved five times by hand; a cosine ends at the same. Its
    /// averages take 1 part in 100 every 25 updates, which is 1 in 2,488 every update.</summary>
    internal static TrainerDefaults Prior { get; } = new(
        new(Rate: 4.5e-4, Decay: 4.5e-2, Beta1: 0.9, Beta2: 0.96, Eps: 1e-8, Warmup: 5_000, RateShape.Cosine, FinalRate: 4.5e-4 / 32, ClipNorm: 4),
        Batch: 64, EmaDecay: 0.9996);
}
