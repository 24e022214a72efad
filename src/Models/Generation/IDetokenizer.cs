using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>Pictures from image tokens, and the other way where the weights have that half. Two kinds: the dVAE and the VQGAN.</summary>
internal interface IDetokenizer : IDisposable
{
    /// <summary>Pixels a side that one token stands for.</summary>
    int Factor { get; }

    /// <summary>Values that a token can have.</summary>
    int Vocabulary { get; }

    bool HasEncoder { get; }

    /// <param name="codes">[N, h, w], int64.</param>
    /// <returns>[N, 3, f h, f w] in [0, 1], float32.</returns>
    Tensor Decode(Tensor codes);

    /// <param name="pixels">[N, 3, H, W] in [0, 1].</param>
    /// <returns>[N, H/f, W/f], int64.</returns>
    /// <exception cref="NotSupportedException">There is no encoder.</exception>
    Tensor Codes(Tensor pixels);
}
