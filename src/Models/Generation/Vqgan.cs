using Sightline.Models.Clip;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>One level of the decoder: blocks, each followed by attention where the level attends; a doubling but at the finest.</summary>
internal sealed class VqganUp : nn.Module<Tensor, Tensor>
{
    private readonly ModuleList<VqganBlock> _blocks;
    private readonly ModuleList<VqganAttention> _attentions;
    private readonly VqganConv? _doubling;

    internal VqganUp(WeightSource source, string name, int inputs, VqganLevel level, int blocks, bool doubles)
        : base(nameof(VqganUp))
    {
        var channels = level.Channels;
        _blocks = nn.ModuleList([.. Enumerable.Range(0, blocks).Select(i =>
            new VqganBlock(source, $"{name}.block.{i}", i == 0 ? inputs : channels, channels))]);
        _attentions = nn.ModuleList([.. Enumerable.Range(0, level.Attends ? blocks : 0).Select(i =>
            new VqganAttention(source, $"{name}.attn.{i}", channels))]);
        register_module("block", _blocks);
        register_module("attn", _attentions);
        if (doubles)
        {
            _doubling = new VqganConv(source, $"{name}.upsample.conv", channels, channels, 3);
            register_module("upsample", _doubling);
        }
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        for (var i = 0; i < _blocks.Count; i++)
        {
            x = _blocks[i].forward(x);
            x = i < _attentions.Count ? _attentions[i].forward(x) : x;
        }

        x = _doubling?.forward(nn.functional.interpolate(x, scale_factor: [2, 2])) ?? x;
        return x.MoveToOuterDisposeScope();
    }
}

/// <summary>
/// The decoding half of a VQGAN (Esser et al., "Taming transformers for high-resolution image synthesis", arXiv 2012.09841): codes to
/// pictures. Levels are numbered from the finest and run from the coarsest.
/// </summary>
internal sealed class Vqgan : nn.Module<Tensor, Tensor>, IDetokenizer
{
    private readonly VqganConfig _config;
    private readonly bool _isSigned;
    private readonly VqganConv _afterCodes;
    private readonly VqganConv _in;
    private readonly VqganBlock _middle1;
    private readonly VqganAttention _middleAttention;
    private readonly VqganBlock _middle2;
    private readonly ModuleList<VqganUp> _up;
    private readonly VqganNorm _normOut;
    private readonly VqganConv _out;

    /// <param name="isSigned">Pixels come in [-1, 1] (taming-transformers, ruDALL-E) rather than in [0, 1] (DALL-E mini).</param>
    internal Vqgan(WeightSource source, VqganConfig config, bool isSigned)
        : base(nameof(Vqgan))
    {
        (_config, _isSigned) = (config, isSigned);
        var levels = config.Levels;
        var (coarsest, finest) = (levels[^1].Channels, levels[0].Channels);
        register_parameter("embedding.weight", source.Parameter("embedding.weight", config.Vocabulary, config.CodeWidth));
        _afterCodes = new VqganConv(source, "post_quant_conv", config.CodeWidth, config.InnerWidth, 1);
        _in = new VqganConv(source, "decoder.conv_in", config.InnerWidth, coarsest, 3);
        _middle1 = new VqganBlock(source, "decoder.mid.block_1", coarsest, coarsest);
        _middleAttention = new VqganAttention(source, "decoder.mid.attn_1", coarsest);
        _middle2 = new VqganBlock(source, "decoder.mid.block_2", coarsest, coarsest);
        _up = nn.ModuleList([.. levels.Select((level, i) => new VqganUp(
            source, $"decoder.up.{i}", levels[Math.Min(i + 1, levels.Count - 1)].Channels, level, config.BlocksPerLevel, doubles: i > 0))]);
        _normOut = new VqganNorm(source, "decoder.norm_out", finest);
        _out = new VqganConv(source, "decoder.conv_out", finest, 3, 3);
        register_module("post_quant_conv", _afterCodes);
        register_module("conv_in", _in);
        register_module("block_1", _middle1);
        register_module("attn_1", _middleAttention);
        register_module("block_2", _middle2);
        register_module("up", _up);
        register_module("norm_out", _normOut);
        register_module("conv_out", _out);
    }

    public int Factor => _config.Factor;

    public int Vocabulary => _config.Vocabulary;

    public bool HasEncoder => false;

    /// <summary>Vectors of the codebook [N, C, h, w] to pictures [N, 3, f h, f w], in the range the model was trained on.</summary>
    public override Tensor forward(Tensor vectors)
    {
        using var scope = NewDisposeScope();
        var x = _in.forward(_afterCodes.forward(vectors));
        x = _middle2.forward(_middleAttention.forward(_middle1.forward(x)));
        for (var level = _up.Count - 1; level >= 0; level--)
        {
            x = _up[level].forward(x);
        }

        return _out.forward(nn.functional.silu(_normOut.forward(x))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Decode(Tensor codes)
    {
        using var scope = NewDisposeScope();
        var shape = codes.shape;
        var vectors = get_parameter("embedding.weight")!.index_select(0, codes.flatten()).view(shape[0], shape[1], shape[2], -1);
        var pixels = forward(vectors.permute(0, 3, 1, 2).contiguous());
        return (_isSigned ? (pixels + 1) / 2 : pixels).clamp(0, 1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Codes(Tensor pixels) => throw new NotSupportedException("A VQGAN's encoder is not read; pictures cannot be made tokens.");
}
