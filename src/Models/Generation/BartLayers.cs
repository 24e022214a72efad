using Sightline.Models.Clip;
using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>y = x A^T under the name <c>weight</c>.</summary>
internal sealed class Projection : nn.Module<Tensor, Tensor>
{
    internal Projection(WeightSource source, string name, int inputs, int outputs)
        : base(nameof(Projection)) => register_parameter("weight", source.Parameter($"{name}.weight", outputs, inputs));

    public override Tensor forward(Tensor x) => nn.functional.linear(x, get_parameter("weight")!);
}

/// <summary>
/// x + ln_after(out(attention(ln_before(x)))): DALL-E mini's attention sub-layer, normalised on both sides as in NormFormer (Shleifer et
/// al., arXiv 2110.09456).
/// </summary>
internal sealed class BartAttention : nn.Module<Tensor, Attend, Tensor>
{
    private readonly int _heads;
    private readonly Norm _before;
    private readonly Norm _after;
    private readonly Projection _query;
    private readonly Projection _key;
    private readonly Projection _value;
    private readonly Projection _out;

    /// <param name="kind"><c>self_attn</c> or <c>encoder_attn</c>.</param>
    internal BartAttention(WeightSource source, string name, string kind, BartConfig config)
        : base(nameof(BartAttention))
    {
        _heads = config.Heads;
        _before = new Norm(source, $"{name}.pre_{kind}_layer_norm", config.Width, BartConfig.NormEps);
        _query = new Projection(source, $"{name}.{kind}.q_proj", config.Width, config.Width);
        _key = new Projection(source, $"{name}.{kind}.k_proj", config.Width, config.Width);
        _value = new Projection(source, $"{name}.{kind}.v_proj", config.Width, config.Width);
        _out = new Projection(source, $"{name}.{kind}.out_proj", config.Width, config.Width);
        _after = new Norm(source, $"{name}.{kind}_layer_norm", config.Width, BartConfig.NormEps);
        register_module("before", _before);
        register_module("q_proj", _query);
        register_module("k_proj", _key);
        register_module("v_proj", _value);
        register_module("out_proj", _out);
        register_module("after", _after);
    }

    /// <param name="x">[M, T, D]. Self-attention: keys and values are made of it too.</param>
    public override Tensor forward(Tensor x, Attend attend)
    {
        using var scope = NewDisposeScope();
        var normed = _before.forward(x);
        var mixed = attend(Split(_query.forward(normed)), Split(_key.forward(normed)), Split(_value.forward(normed)));
        return (x + Joined(mixed)).MoveToOuterDisposeScope();
    }

    /// <summary>Attention to another sequence, of which <see cref="KeysAndValues"/> made keys and values.</summary>
    /// <param name="x">[M, T, D].</param>
    /// <param name="mix">From queries [M, H, T, E] to mixed values of that shape.</param>
    internal Tensor Cross(Tensor x, Func<Tensor, Tensor> mix)
    {
        using var scope = NewDisposeScope();
        return (x + Joined(mix(Split(_query.forward(_before.forward(x)))))).MoveToOuterDisposeScope();
    }

    /// <param name="state">[B, T, D].</param>
    /// <returns>Two of [B, H, T, E].</returns>
    internal (Tensor Keys, Tensor Values) KeysAndValues(Tensor state) => (Split(_key.forward(state)), Split(_value.forward(state)));

    // [M, T, D] -> [M, H, T, E]
    private Tensor Split(Tensor x)
    {
        var shape = x.shape;
        return x.view(shape[0], shape[1], _heads, shape[2] / _heads).transpose(1, 2).contiguous();
    }

    // [M, H, T, E] -> [M, T, D], through the output projection and the norm after it
    private Tensor Joined(Tensor mixed)
    {
        var shape = mixed.shape;
        return _after.forward(_out.forward(mixed.transpose(1, 2).reshape(shape[0], shape[2], shape[1] * shape[3])));
    }
}

/// <summary>
/// x + fc2(ln1(gelu(fc0(z)) * fc1(z))) with z = ln0(x): a gated linear unit (Shazeer, arXiv 2002.05202), normalised inside.
/// </summary>
internal sealed class BartGlu : nn.Module<Tensor, Tensor>
{
    private readonly Norm _norm0;
    private readonly Norm _norm1;
    private readonly Projection _gate;
    private readonly Projection _up;
    private readonly Projection _down;

    internal BartGlu(WeightSource source, string name, BartConfig config)
        : base(nameof(BartGlu))
    {
        _norm0 = new Norm(source, $"{name}.ln0", config.Width, BartConfig.NormEps);
        _gate = new Projection(source, $"{name}.fc0", config.Width, config.GluWidth);
        _up = new Projection(source, $"{name}.fc1", config.Width, config.GluWidth);
        _norm1 = new Norm(source, $"{name}.ln1", config.GluWidth, BartConfig.NormEps);
        _down = new Projection(source, $"{name}.fc2", config.GluWidth, config.Width);
        register_module("ln0", _norm0);
        register_module("fc0", _gate);
        register_module("fc1", _up);
        register_module("ln1", _norm1);
        register_module("fc2", _down);
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var z = _norm0.forward(x);
        return (x + _down.forward(_norm1.forward(nn.functional.gelu(_gate.forward(z)) * _up.forward(z)))).MoveToOuterDisposeScope();
    }
}
