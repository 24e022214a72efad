using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>Predicts a picture's tokens from a caption, one after the other. Two kinds: decoder only, and encoder with decoder.</summary>
internal interface ITokenModel : IDisposable
{
    TokenGrid Grid { get; }

    Device Device { get; }

    /// <param name="caption">Any text; what is too long is cut.</param>
    /// <param name="guided">Predict without the caption too.</param>
    /// <param name="candidates">Pictures of the same caption, at least 1.</param>
    /// <param name="known">The first tokens of all of them; the model may take in some of these at once.</param>
    ITokenDecoding Begin(string caption, bool guided, int candidates, ReadOnlySpan<int> known);
}

/// <summary>
/// Candidates under way. Its caches are allocated once, for all steps; they live until it is disposed. Not thread-safe. Callers open the
/// scope and inference mode, the same for every call.
/// </summary>
internal interface ITokenDecoding : IDisposable
{
    /// <summary>Tokens of each candidate that have been taken in.</summary>
    int Position { get; }

    /// <summary>Takes in the tokens chosen last and predicts the next ones.</summary>
    /// <param name="chosen">[N], int64, for position <see cref="Position"/>; null where there is none yet.</param>
    /// <returns>[B, N, V] in float32: B is 1, or 2 where guided: with the caption, without it.</returns>
    Tensor Next(Tensor? chosen);
}
