namespace Sightline.Models.Generation;

/// <summary>Sizes of one half of DALL-E mini.</summary>
/// <param name="Width">Of the residual stream.</param>
/// <param name="Heads">Divide the width.</param>
/// <param name="GluWidth">Inside the gated unit.</param>
/// <param name="Vocabulary">Rows of the token table.</param>
/// <param name="Length">Positions.</param>
/// <param name="Layers">Blocks.</param>
internal sealed record BartConfig(int Width, int Heads, int GluWidth, int Vocabulary, int Length, int Layers)
{
    internal const double NormEps = 1e-5;

    /// <param name="heads">What the configuration says; null: heads of 64.</param>
    /// <exception cref="Weights.ModelFormatException">A tensor is missing, or the width does not divide into the heads.</exception>
    internal static BartConfig Read(StoredWeights weights, int? heads)
    {
        var tokens = weights.ShapeOf("embed_tokens.weight", 2);
        var width = (int)tokens[1];
        var count = heads ?? width / 64;
        return count > 0 && width % count == 0
            ? new BartConfig(
                width, count, (int)weights.ShapeOf("layers.0.glu.fc0.weight", 2)[0], (int)tokens[0],
                (int)weights.ShapeOf("embed_positions.weight", 2)[0], weights.Count("layers."))
            : throw weights.Wrong($"a width of {width} does not divide into {count} heads.");
    }

    /// <summary>The norms that have a bias only: their scale is one, and published files leave it out.</summary>
    internal static bool IsImpliedOne(string name) => name.EndsWith(".weight", StringComparison.Ordinal)
        && name[..^".weight".Length].Split('.')[^1]
            is "pre_self_attn_layer_norm" or "pre_encoder_attn_layer_norm" or "ln0" or "ln1" or "final_ln";
}
