namespace Sightline.Training.Data;

/// <summary>How batches are made.</summary>
/// <param name="BatchSize">Pictures of a step, a multiple of the parts.</param>
/// <param name="Parts">Of a step: more than one where gradients are accumulated.</param>
/// <param name="Ahead">Steps that are ready before they are asked for.</param>
/// <param name="IsCaptionedOnly">Pictures without a caption are passed over.</param>
internal sealed record LoaderOptions(int BatchSize, int Parts = 1, long Seed = 0, int Ahead = 3, bool IsCaptionedOnly = false);
