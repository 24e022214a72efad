using Sightline.Models.Images;

namespace Sightline.Models.Generation;

/// <summary>A picture to make.</summary>
/// <param name="Caption">Any text; empty asks for any picture. What is longer than the model reads is cut.</param>
/// <param name="Sampling">How tokens are drawn.</param>
/// <param name="Fixed">Tokens that are given; null: none.</param>
public sealed record GenerationRequest(string Caption, SamplingOptions Sampling, FixedTokens? Fixed = null);

/// <summary>How far the candidates are, all alike.</summary>
/// <param name="TokensDone">Of each candidate.</param>
/// <param name="TokensTotal">Of each candidate.</param>
public readonly record struct GenerationProgress(int TokensDone, int TokensTotal);

/// <summary>A picture that a model made.</summary>
/// <param name="Image">Its pixels.</param>
/// <param name="Tokens">What they were decoded from; a later request may keep some of them.</param>
/// <param name="Candidate">Which of the candidates it is, from 0.</param>
public sealed record GeneratedImage(RgbImage Image, ImageTokens Tokens, int Candidate);
