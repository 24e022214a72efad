using Sightline.Models.Clip;
using static TorchSharp.torch;

namespace Sightline.Training.Clip;

/// <summary>A checkpoint's weights to train on from, for pictures of another size where that is asked for.</summary>
/// <param name="weights">Under canonical names.</param>
internal sealed class PretrainedWeights(CanonicalWeights weights) : WeightSource
{
    internal override bool Folds => false;

    /// <exception cref="Sightline.Models.Weights.ModelFormatException">It is missing or of another shape.</exception>
    internal override Tensor Take(string name, params long[] shape)
    {
        if (name is not ("visual.positional_embedding" or "visual.attnpool.positional_embedding"))
        {
            return tensor(weights.Read(name, shape), shape);
        }

        var stored = weights.ShapeOf(name);
        var rows = tensor(weights.Read(name, [stored[0], shape[1]]), stored);
        return stored[0] == shape[0] ? rows : Resized(rows, (int)Math.Sqrt(stored[0] - 1), (int)Math.Sqrt(shape[0] - 1));
    }

    // The first row is the class token's (or the mean's) and has no place in the grid; the others are a picture of positions.
    private static Tensor Resized(Tensor rows, int from, int to)
    {
        using var scope = NewDisposeScope();
        var width = rows.size(1);
        var grid = rows.narrow(0, 1, (long)from * from).t().reshape(1, width, from, from);
        var resized = nn.functional.interpolate(grid, [to, to], mode: InterpolationMode.Bicubic, antialias: true);
        return cat([rows.narrow(0, 0, 1), resized.view(width, -1).t()]).contiguous().MoveToOuterDisposeScope();
    }
}
