namespace Sightline.Models.Generation;

/// <summary>
/// Sizes of a discrete VAE. OpenAI's published one has the defaults; the widths of its groups double towards the codes.
/// </summary>
/// <param name="Vocabulary">Codes to choose from at each position.</param>
/// <param name="Hidden">Channels of the group at full resolution.</param>
/// <param name="Initial">Channels that the decoder's first convolution makes of a code.</param>
/// <param name="Groups">Groups of blocks on each side; all but one of them halve (or double) the sides.</param>
/// <param name="BlocksPerGroup">Residual blocks in a group.</param>
/// <param name="Channels">Of a picture.</param>
/// <param name="InputKernel">Side of the encoder's first convolution.</param>
internal sealed record DvaeConfig(
    int Vocabulary = 8192, int Hidden = 256, int Initial = 128, int Groups = 4, int BlocksPerGroup = 2, int Channels = 3,
    int InputKernel = 7)
{
    /// <summary>Pixels a side that one code stands for.</summary>
    internal int Factor => 1 << (Groups - 1);

    /// <summary>Numbers of a picture that one code stands for: 192 in the paper.</summary>
    internal int ValuesPerCode => Channels * Factor * Factor;

    /// <summary>What a residual path is multiplied by: one over the squared number of blocks (dall_e/encoder.py, post_gain).</summary>
    internal double ResidualGain => 1.0 / ((long)Groups * BlocksPerGroup * Groups * BlocksPerGroup);

    /// <summary>Channels of group 0 (full resolution), 1, ...</summary>
    internal int Width(int group) => Hidden << group;

    /// <summary>Reads the sizes off the tensors of an encoder and a decoder in OpenAI's layout.</summary>
    /// <exception cref="Weights.ModelFormatException">A tensor is missing or has the wrong rank.</exception>
    internal static DvaeConfig From(StoredWeights encoder, StoredWeights decoder)
    {
        var input = encoder.ShapeOf("blocks.input.w", 4);
        encoder.ShapeOf("blocks.group_1.block_1.res_path.conv_1.w", 4);
        return new DvaeConfig(
            (int)encoder.ShapeOf("blocks.output.conv.w", 4)[0], (int)input[0], (int)decoder.ShapeOf("blocks.input.w", 4)[0],
            encoder.Count("blocks.group_"), encoder.Count("blocks.group_1.block_"), (int)input[1], (int)input[2]);
    }
}
