using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>What one training batch of a dVAE costs; scalars, with gradients.</summary>
/// <param name="Total">The negative evidence lower bound, divided by the number of values of a picture.</param>
/// <param name="Reconstruction">Negative log likelihood, mean over the values of the pictures.</param>
/// <param name="Divergence">KL divergence of the codes from the uniform prior, mean over positions, in nats.</param>
/// <param name="Codes">The likeliest code of each position, [N, h, w], int64; without gradient.</param>
internal sealed record DvaeLoss(Tensor Total, Tensor Reconstruction, Tensor Divergence, Tensor Codes);

/// <summary>How a dVAE is trained: the relaxed evidence lower bound (arXiv 2102.12092, section 2.1 and appendix A.2).</summary>
internal static class DvaeObjective
{
    /// <summary>
    /// A sample of the codes that gradients pass through: softmax((logits + g) / temperature) with Gumbel noise g, in the forward pass too
    /// (Jang et al., arXiv 1611.01144; no straight-through estimate).
    /// </summary>
    /// <param name="logits">[N, V, h, w].</param>
    /// <param name="temperature">Above 0; towards 0 the sample becomes one-hot.</param>
    /// <param name="generator">On the logits' device.</param>
    /// <returns>[N, V, h, w], summing to 1 over V; float32 where the logits have fewer bits.</returns>
    internal static Tensor Relax(Tensor logits, double temperature, Generator generator)
    {
        using var scope = NewDisposeScope();

        // Bfloat16 has 256 uniform numbers below 1: too few for the tail that decides which code is the largest. A uniform number may be 0,
        // and its double logarithm infinite.
        var full = Full(logits);
        var uniform = rand(full.shape, full.dtype, full.device, generator: generator).clamp_(1e-20);
        var noise = -(-uniform.log()).log();
        return ((full + noise) / temperature).softmax(1).MoveToOuterDisposeScope();
    }

    /// <param name="pixels">[N, C, H, W] in [0, 1], in at least float32: a network of fewer bits gets them rounded, the likelihood is of
    /// them as they are.</param>
    /// <param name="divergenceWeight">Beta. Divided by the pixel values that share one code, as dividing the whole bound by the number of
    /// values does: beta / 192 in the paper.</param>
    internal static DvaeLoss Loss(Dvae model, Tensor pixels, double temperature, double divergenceWeight, Generator generator)
    {
        using var scope = NewDisposeScope();
        var mapped = LogitLaplace.MapPixels(pixels);
        var logits = model.Encoder.forward(mapped.to(model.Type));
        var statistics = Full(model.Decoder.forward(Relax(logits, temperature, generator).to(model.Type)));
        var reconstruction = -LogitLaplace.LogLikelihood(statistics, mapped).mean();
        var divergence = Divergence(logits);
        var total = reconstruction + divergence * (divergenceWeight / model.Config.ValuesPerCode);
        return new DvaeLoss(
            total.MoveToOuterDisposeScope(), reconstruction.MoveToOuterDisposeScope(), divergence.MoveToOuterDisposeScope(),
            logits.detach().argmax(1).MoveToOuterDisposeScope());
    }

    /// <summary>KL(q || uniform) = sum of q ln q, plus ln V; mean over positions, in nats.</summary>
    /// <param name="logits">[N, V, h, w].</param>
    internal static Tensor Divergence(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var log = nn.functional.log_softmax(Full(logits), 1);
        return ((log * log.exp()).sum(1).mean() + Math.Log(logits.size(1))).MoveToOuterDisposeScope();
    }

    private static Tensor Full(Tensor x) => x.dtype is ScalarType.BFloat16 or ScalarType.Float16 ? x.to(ScalarType.Float32) : x;
}
