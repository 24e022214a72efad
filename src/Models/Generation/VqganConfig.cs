namespace Sightline.Models.Generation;

/// <summary>One level of a VQGAN's decoder: the channels of its blocks, and whether it attends.</summary>
internal sealed record VqganLevel(int Channels, bool Attends);

/// <summary>Sizes of a VQGAN's decoder (CompVis/taming-transformers).</summary>
/// <param name="Vocabulary">Vectors of the codebook.</param>
/// <param name="CodeWidth">Components of one.</param>
/// <param name="InnerWidth">Channels between the codebook and the decoder (z_channels).</param>
/// <param name="Levels">By resolution, the finest first; each but that one doubles the sides.</param>
/// <param name="BlocksPerLevel">Residual blocks.</param>
internal sealed record VqganConfig(int Vocabulary, int CodeWidth, int InnerWidth, IReadOnlyList<VqganLevel> Levels, int BlocksPerLevel)
{
    /// <summary>Of all its normalisations.</summary>
    internal const int NormGroups = 32;

    /// <summary>Of taming-transformers and vqgan-jax, which the published models were trained with.</summary>
    internal const double NormEps = 1e-6;

    /// <summary>Pixels a side that one code stands for.</summary>
    internal int Factor => 1 << (Levels.Count - 1);

    /// <summary>DALL-E mini's: 16,384 codes of 16 x 16 pixels.</summary>
    internal static VqganConfig F16 { get; } = new(
        16384, 256, 256, [new(128, false), new(128, false), new(256, false), new(256, false), new(512, true)], 3);

    /// <summary>Reads the sizes off the tensors.</summary>
    /// <param name="codebook">What the checkpoint calls the codebook.</param>
    /// <exception cref="Weights.ModelFormatException">A tensor is missing or has the wrong rank.</exception>
    internal static VqganConfig Read(StoredWeights weights, string codebook)
    {
        var codes = weights.ShapeOf(codebook, 2);
        weights.ShapeOf("decoder.up.0.block.0.conv1.weight", 4);
        VqganLevel[] levels = [.. Enumerable.Range(0, weights.Count("decoder.up.")).Select(level => new VqganLevel(
            (int)weights.ShapeOf($"decoder.up.{level}.block.0.conv1.weight", 4)[0], weights.Has($"decoder.up.{level}.attn.0.q.weight")))];
        var inner = (int)weights.ShapeOf("post_quant_conv.weight", 4)[0];
        return levels.All(l => l.Channels % NormGroups == 0)
            ? new VqganConfig((int)codes[0], (int)codes[1], inner, levels, weights.Count("decoder.up.0.block."))
            : throw weights.Wrong($"channels ({string.Join(", ", levels.Select(l => l.Channels))}) are not made of groups of 32.");
    }
}
