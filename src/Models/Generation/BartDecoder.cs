using Sightline.Models.Clip;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>
/// DALL-E mini's image decoder: each token from those before it and from the encoded caption. Runs token by token only; its attention to
/// either comes from the caches of a <see cref="MinDalleDecoding"/>.
/// </summary>
internal sealed class BartDecoder : BartHalf
{
    private readonly ModuleList<BartAttention> _selfAttentions;
    private readonly ModuleList<BartAttention> _textAttentions;
    private readonly ModuleList<BartGlu> _glus;
    private readonly Norm _norm;
    private readonly Projection _head;

    internal BartDecoder(WeightSource source, BartConfig config)
        : base(source, nameof(BartDecoder), config)
    {
        var layers = Enumerable.Range(0, config.Layers).Select(i => $"layers.{i}").ToList();
        _selfAttentions = nn.ModuleList([.. layers.Select(layer => new BartAttention(source, layer, "self_attn", config))]);
        _textAttentions = nn.ModuleList([.. layers.Select(layer => new BartAttention(source, layer, "encoder_attn", config))]);
        _glus = nn.ModuleList([.. layers.Select(layer => new BartGlu(source, $"{layer}.glu", config))]);
        _norm = new Norm(source, "final_ln", config.Width, BartConfig.NormEps);
        _head = new Projection(source, "lm_head", config.Width, config.Vocabulary);
        register_module("self_attentions", _selfAttentions);
        register_module("text_attentions", _textAttentions);
        register_module("glus", _glus);
        register_module("final_ln", _norm);
        register_module("lm_head", _head);
    }

    /// <summary>What each layer attends to in the caption.</summary>
    /// <param name="state">[B, L, D], from the encoder.</param>
    internal (Tensor Keys, Tensor Values)[] TextKeysAndValues(Tensor state) =>
        [.. _textAttentions.Select(attention => attention.KeysAndValues(state))];

    /// <param name="x">[M, 1, D], embedded.</param>
    /// <param name="attend">Gives each layer its way to attend to the image tokens so far.</param>
    /// <param name="read">Gives each layer, by number, what a query [M, H, 1, E] mixes of the caption.</param>
    /// <returns>Logits over the token table's rows, [M, 1, V].</returns>
    internal Tensor Step(Tensor x, Func<int, Attend> attend, Func<int, Func<Tensor, Tensor>> read)
    {
        using var scope = NewDisposeScope();
        for (var layer = 0; layer < Config.Layers; layer++)
        {
            x = _selfAttentions[layer].forward(x, attend(layer));
            x = _textAttentions[layer].Cross(x, read(layer));
            x = _glus[layer].forward(x);
        }

        return _head.forward(_norm.forward(x)).MoveToOuterDisposeScope();
    }
}
