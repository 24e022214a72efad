using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>What one training batch of a prior costs; scalars, with gradients.</summary>
/// <param name="Total">The weighted sum.</param>
/// <param name="Text">Cross-entropy in nats, mean over the captions' tokens after the first; 0 where there is none.</param>
/// <param name="Image">Cross-entropy in nats, mean over the image tokens.</param>
internal sealed record PriorLoss(Tensor Total, Tensor Text, Tensor Image);

/// <summary>How a prior is trained (arXiv 2102.12092, section 2.2).</summary>
internal static class PriorObjective
{
    /// <summary>The text's part of the loss; the rest is the image's, which is what the model is for.</summary>
    internal const double TextWeight = 1.0 / 8;

    /// <summary>
    /// Replaces each caption by the empty one with some probability, so that the model learns the pictures without their captions too,
    /// which guidance needs (Ho and Salimans, arXiv 2207.12598).
    /// </summary>
    /// <param name="text">[N, L].</param>
    /// <param name="empty">[L]: the empty caption's tokens.</param>
    /// <param name="probability">0 to 1; 0.1 is usual.</param>
    /// <param name="generator">On the text's device.</param>
    /// <returns>[N, L].</returns>
    internal static Tensor DropCaptions(Tensor text, Tensor empty, double probability, Generator generator)
    {
        using var scope = NewDisposeScope();
        var drop = rand([text.size(0), 1], device: text.device, generator: generator).lt(probability);
        return where(drop, empty, text).MoveToOuterDisposeScope();
    }

    /// <param name="text">[N, L], int64; padding is not predicted.</param>
    /// <param name="image">[N, P], int64.</param>
    internal static PriorLoss Loss(Prior prior, Tensor text, Tensor image, double textWeight = TextWeight) =>
        Loss(prior, text, image, textWeight, Words(text), image.numel());

    /// <summary>The part of a step's loss that some of its pictures have: over all parts, the losses add up to the step's.</summary>
    /// <param name="words">Text tokens that the whole step predicts.</param>
    /// <param name="tokens">Image tokens of the whole step.</param>
    internal static PriorLoss Loss(Prior prior, Tensor text, Tensor image, double textWeight, long words, long tokens)
    {
        using var scope = NewDisposeScope();
        var (textLogits, imageLogits) = prior.forward(text, image);
        var next = text.narrow(1, 1, text.size(1) - 1).reshape(-1);
        var textLoss = nn.functional.cross_entropy(
            Rows(textLogits), next, ignore_index: Prior.Padding, reduction: nn.Reduction.Sum) / (double)Math.Max(1, words);
        var imageLoss = nn.functional.cross_entropy(Rows(imageLogits), image.flatten(), reduction: nn.Reduction.Sum) / (double)tokens;
        var total = textLoss * textWeight + imageLoss * (1 - textWeight);
        return new PriorLoss(total.MoveToOuterDisposeScope(), textLoss.MoveToOuterDisposeScope(), imageLoss.MoveToOuterDisposeScope());
    }

    /// <summary>Text tokens that are predicted: all but padding and the first of each caption.</summary>
    internal static long Words(Tensor text)
    {
        using var scope = NewDisposeScope();
        return text.narrow(1, 1, text.size(1) - 1).ne(Prior.Padding).sum().ToInt64();
    }

    // The softmax over a vocabulary sums thousands of numbers: in float32 also where the passes have fewer bits.
    private static Tensor Rows(Tensor logits)
    {
        var rows = logits.flatten(0, 1);
        return rows.dtype is ScalarType.BFloat16 or ScalarType.Float16 ? rows.to(ScalarType.Float32) : rows;
    }
}
