using static TorchSharp.torch;

namespace Sightline.Training.Clip;

/// <summary>The symmetric contrastive loss of CLIP (arXiv 2103.00020, figure 3), with targets that may have several positives.</summary>
internal static class ContrastiveLoss
{
    /// <summary>Cosine similarities times the temperature's exponential: [N, N], a row for each picture.</summary>
    /// <param name="images">[N, E], of any length.</param>
    /// <param name="texts">[N, E].</param>
    /// <param name="logitScale">Scalar, as a logarithm.</param>
    internal static Tensor Logits(Tensor images, Tensor texts, Tensor logitScale)
    {
        using var scope = NewDisposeScope();
        return (nn.functional.normalize(images).matmul(nn.functional.normalize(texts).t()) * logitScale.exp()).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// What each row and each column should say: its positives share it equally; smoothing takes a part away and gives it to all.
    /// </summary>
    /// <param name="positives">[N, N] of 0 and 1, the diagonal 1.</param>
    /// <param name="smoothing">0 to 1.</param>
    internal static (Tensor Rows, Tensor Columns) Targets(Tensor positives, double smoothing)
    {
        using var scope = NewDisposeScope();
        var (share, all) = (positives * (1 - smoothing), smoothing / positives.size(0));
        var rows = share / positives.sum(1, keepdim: true) + all;
        var columns = share / positives.sum(0, keepdim: true) + all;
        return (rows.MoveToOuterDisposeScope(), columns.MoveToOuterDisposeScope());
    }

    /// <summary>Half the mean cross-entropy of the rows and half that of the columns.</summary>
    /// <param name="rows">[N, N]; each row sums to one.</param>
    /// <param name="columns">[N, N]; each column sums to one.</param>
    internal static Tensor CrossEntropy(Tensor logits, Tensor rows, Tensor columns)
    {
        using var scope = NewDisposeScope();
        var said = (rows * nn.functional.log_softmax(logits, 1)).sum() + (columns * nn.functional.log_softmax(logits, 0)).sum();
        return (said * (-0.5 / logits.size(0))).MoveToOuterDisposeScope();
    }
}
