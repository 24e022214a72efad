using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>Draws the next tokens from logits. Chance comes in as uniform numbers, so that a draw is a function of its arguments.</summary>
internal static class TokenSampler
{
    /// <param name="logits">[B, N, V], with the caption and, where B is 2, without it.</param>
    /// <param name="uniforms">[N], in [0, 1), float64.</param>
    /// <returns>[N], int64.</returns>
    internal static Tensor Sample(Tensor logits, SamplingOptions options, Tensor uniforms)
    {
        using var scope = NewDisposeScope();
        var guided = Guide(logits, options.Guidance);
        if (options.Temperature == 0)
        {
            return guided.argmax(-1).MoveToOuterDisposeScope();
        }

        var kept = TopP(TopK(guided / options.Temperature, options.TopK), options.TopP);
        return Draw(kept.softmax(-1), uniforms).MoveToOuterDisposeScope();
    }

    /// <summary>u + s (c - u) where there is a branch without the caption.</summary>
    /// <returns>[N, V].</returns>
    internal static Tensor Guide(Tensor logits, double guidance)
    {
        using var scope = NewDisposeScope();
        var conditional = logits.select(0, 0);
        if (logits.size(0) == 1)
        {
            return conditional.MoveToOuterDisposeScope();
        }

        var unconditional = logits.select(0, 1);
        return (unconditional + (conditional - unconditional) * guidance).MoveToOuterDisposeScope();
    }

    /// <summary>Minus infinity below the k-th largest logit of each row; ties with it stay.</summary>
    /// <param name="logits">[N, V].</param>
    /// <param name="k">0, or V and more: all stay.</param>
    internal static Tensor TopK(Tensor logits, int k)
    {
        if (k == 0 || k >= logits.size(-1))
        {
            return logits;
        }

        using var scope = NewDisposeScope();
        var least = topk(logits, k).values.narrow(-1, k - 1, 1);
        return logits.masked_fill(logits.lt(least), double.NegativeInfinity).MoveToOuterDisposeScope();
    }

    /// <summary>Minus infinity outside the smallest set of likeliest tokens that reaches probability p; at least one stays.</summary>
    /// <param name="logits">[N, V].</param>
    /// <param name="p">Above 0, to 1: all stay.</param>
    internal static Tensor TopP(Tensor logits, double p)
    {
        if (p >= 1)
        {
            return logits;
        }

        using var scope = NewDisposeScope();
        var (sorted, order) = sort(logits, -1, descending: true);
        var probabilities = sorted.softmax(-1, ScalarType.Float64);
        var before = probabilities.cumsum(-1) - probabilities; // What the likelier tokens have together.
        var cut = sorted.masked_fill(before.ge(p), double.NegativeInfinity);
        return zeros_like(logits).scatter_(-1, order, cut).MoveToOuterDisposeScope();
    }

    /// <summary>The first token at which the running sum of probabilities exceeds the uniform number.</summary>
    /// <param name="probabilities">[N, V].</param>
    /// <param name="uniforms">[N], in [0, 1), float64.</param>
    /// <returns>[N], int64; never a token of probability 0.</returns>
    internal static Tensor Draw(Tensor probabilities, Tensor uniforms)
    {
        using var scope = NewDisposeScope();

        // In float64, since a running sum in float32 is off by more than a rare token's probability.
        var sums = probabilities.cumsum(-1, ScalarType.Float64);
        var target = uniforms.unsqueeze(-1) * sums.narrow(-1, sums.size(-1) - 1, 1);
        return sums.le(target).sum(-1).MoveToOuterDisposeScope();
    }
}
