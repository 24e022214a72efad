using Sightline.Models.Clip;
using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>Mixes the values by attention, however the keys come; all are [M, H, T, E] with E = D / H.</summary>
/// <returns>[M, H, T, E].</returns>
internal delegate Tensor Attend(Tensor query, Tensor key, Tensor value);

/// <summary>x += attention(ln_1(x)); x += mlp(ln_2(x)); in a sandwich, both sums are normalised before they are added.</summary>
internal sealed class PriorBlock : nn.Module<Tensor, Attend, Tensor>
{
    private readonly PriorConfig _config;
    private readonly Norm _norm1;
    private readonly Norm _norm2;
    private readonly Norm? _normOut1;
    private readonly Norm? _normOut2;
    private readonly Affine _in;
    private readonly Affine _out;
    private readonly Affine _up;
    private readonly Affine _down;

    internal PriorBlock(WeightSource source, string name, PriorConfig config)
        : base(nameof(PriorBlock))
    {
        _config = config;
        var width = config.Width;
        _norm1 = Register("ln_1", new Norm(source, $"{name}.ln_1", width, PriorConfig.NormEps));
        _in = new Affine(source, $"{name}.attn.in_proj", width, 3 * width);
        _out = new Affine(source, $"{name}.attn.out_proj", width, width);
        Register("attn", nn.Sequential(("in_proj", _in), ("out_proj", _out)));
        _normOut1 = config.Sandwich ? Register("ln_1_out", new Norm(source, $"{name}.ln_1_out", width, PriorConfig.NormEps)) : null;
        _norm2 = Register("ln_2", new Norm(source, $"{name}.ln_2", width, PriorConfig.NormEps));
        _up = new Affine(source, $"{name}.mlp.c_fc", width, config.MlpWidth);
        _down = new Affine(source, $"{name}.mlp.c_proj", config.MlpWidth, width);
        Register("mlp", nn.Sequential(("c_fc", _up), ("c_proj", _down)));
        _normOut2 = config.Sandwich ? Register("ln_2_out", new Norm(source, $"{name}.ln_2_out", width, PriorConfig.NormEps)) : null;
    }

    /// <param name="x">[M, T, D].</param>
    public override Tensor forward(Tensor x, Attend attend)
    {
        using var scope = NewDisposeScope();
        var (width, heads) = (_config.Width, _config.Heads);
        var shape = x.shape;
        var packed = _in.forward(_norm1.forward(x)).view(shape[0], shape[1], 3, heads, width / heads);
        var parts = packed.permute(2, 0, 3, 1, 4).contiguous().unbind(0); // query, key, value: 3 of [M, H, T, E]
        var mixed = attend(parts[0], parts[1], parts[2]).transpose(1, 2).reshape(shape);
        x += Normed(_normOut1, _out.forward(mixed));
        var inside = nn.functional.gelu(_up.forward(_norm2.forward(x)), _config.Activation);
        return (x + Normed(_normOut2, _down.forward(inside))).MoveToOuterDisposeScope();
    }

    private static Tensor Normed(Norm? norm, Tensor x) => norm?.forward(x) ?? x;

    private T Register<T>(string name, T module)
        where T : nn.Module
    {
        register_module(name, module);
        return module;
    }
}
