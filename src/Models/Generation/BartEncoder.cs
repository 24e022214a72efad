using Sightline.Models.Clip;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>Where both halves of DALL-E mini begin: token plus position, normalised.</summary>
internal abstract class BartHalf : nn.Module
{
    private readonly Norm _norm;

    protected BartHalf(WeightSource source, string name, BartConfig config)
        : base(name)
    {
        Config = config;
        register_parameter("embed_tokens.weight", source.Parameter("embed_tokens.weight", config.Vocabulary, config.Width));
        register_parameter("embed_positions.weight", source.Parameter("embed_positions.weight", config.Length, config.Width));
        _norm = new Norm(source, "layernorm_embedding", config.Width, BartConfig.NormEps);
        register_module("layernorm_embedding", _norm);
    }

    internal BartConfig Config { get; }

    internal Device Device => get_parameter("embed_tokens.weight")!.device;

    internal ScalarType Type => get_parameter("embed_tokens.weight")!.dtype;

    /// <param name="ids">[N, T], at positions <paramref name="first"/> and on.</param>
    /// <returns>[N, T, D].</returns>
    internal Tensor Embed(Tensor ids, int first)
    {
        using var scope = NewDisposeScope();
        var shape = ids.shape;
        var tokens = get_parameter("embed_tokens.weight")!.index_select(0, ids.flatten()).view(shape[0], shape[1], Config.Width);
        var positions = get_parameter("embed_positions.weight")!.narrow(0, first, shape[1]);
        return _norm.forward(tokens + positions).MoveToOuterDisposeScope();
    }
}

/// <summary>DALL-E mini's text encoder (Dayma et al., 2021; a BART encoder with gated units): token ids to one vector a position.</summary>
internal sealed class BartEncoder : BartHalf
{
    private readonly ModuleList<BartAttention> _attentions;
    private readonly ModuleList<BartGlu> _glus;
    private readonly Norm _norm;

    internal BartEncoder(WeightSource source, BartConfig config)
        : base(source, nameof(BartEncoder), config)
    {
        var layers = Enumerable.Range(0, config.Layers).Select(i => $"layers.{i}").ToList();
        _attentions = nn.ModuleList([.. layers.Select(layer => new BartAttention(source, layer, "self_attn", config))]);
        _glus = nn.ModuleList([.. layers.Select(layer => new BartGlu(source, $"{layer}.glu", config))]);
        _norm = new Norm(source, "final_ln", config.Width, BartConfig.NormEps);
        register_module("attentions", _attentions);
        register_module("glus", _glus);
        register_module("final_ln", _norm);
    }

    /// <param name="ids">[B, L].</param>
    /// <param name="mask">[B, 1, 1, L], added to the scores: minus infinity at padding.</param>
    /// <returns>[B, L, D], at padding too.</returns>
    internal Tensor Encode(Tensor ids, Tensor mask)
    {
        using var scope = NewDisposeScope();
        var x = Embed(ids, 0);
        for (var layer = 0; layer < Config.Layers; layer++)
        {
            x = _attentions[layer].forward(x, (query, key, value) =>
                nn.functional.scaled_dot_product_attention(query, key, value, mask));
            x = _glus[layer].forward(x);
        }

        return _norm.forward(x).MoveToOuterDisposeScope();
    }
}
