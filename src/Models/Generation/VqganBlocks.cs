using Sightline.Models.Clip;
using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>A convolution of stride 1 that keeps the sides.</summary>
internal sealed class VqganConv : nn.Module<Tensor, Tensor>
{
    private readonly long _padding;

    internal VqganConv(WeightSource source, string name, int inputs, int outputs, int kernel)
        : base(nameof(VqganConv))
    {
        _padding = kernel / 2;
        register_parameter("weight", source.Parameter($"{name}.weight", outputs, inputs, kernel, kernel));
        register_parameter("bias", source.Parameter($"{name}.bias", outputs));
    }

    public override Tensor forward(Tensor x) =>
        nn.functional.conv2d(x, get_parameter("weight")!, get_parameter("bias"), padding: [_padding, _padding]);
}

/// <summary>Normalises groups of channels of [N, C, H, W].</summary>
internal sealed class VqganNorm : nn.Module<Tensor, Tensor>
{
    internal VqganNorm(WeightSource source, string name, int channels)
        : base(nameof(VqganNorm))
    {
        register_parameter("weight", source.Parameter($"{name}.weight", channels));
        register_parameter("bias", source.Parameter($"{name}.bias", channels));
    }

    public override Tensor forward(Tensor x) => nn.functional.group_norm(
        x, VqganConfig.NormGroups, get_parameter("weight"), get_parameter("bias"), VqganConfig.NormEps);
}

/// <summary>x + conv2(silu(norm2(conv1(silu(norm1(x)))))), with a 1x1 convolution of x where the width changes (ResnetBlock).</summary>
internal sealed class VqganBlock : nn.Module<Tensor, Tensor>
{
    private readonly VqganNorm _norm1;
    private readonly VqganNorm _norm2;
    private readonly VqganConv _conv1;
    private readonly VqganConv _conv2;
    private readonly VqganConv? _shortcut;

    internal VqganBlock(WeightSource source, string name, int inputs, int outputs)
        : base(nameof(VqganBlock))
    {
        _norm1 = new VqganNorm(source, $"{name}.norm1", inputs);
        _conv1 = new VqganConv(source, $"{name}.conv1", inputs, outputs, 3);
        _norm2 = new VqganNorm(source, $"{name}.norm2", outputs);
        _conv2 = new VqganConv(source, $"{name}.conv2", outputs, outputs, 3);
        register_module("norm1", _norm1);
        register_module("conv1", _conv1);
        register_module("norm2", _norm2);
        register_module("conv2", _conv2);
        if (inputs != outputs)
        {
            _shortcut = new VqganConv(source, $"{name}.nin_shortcut", inputs, outputs, 1);
            register_module("nin_shortcut", _shortcut);
        }
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var h = _conv1.forward(nn.functional.silu(_norm1.forward(x)));
        h = _conv2.forward(nn.functional.silu(_norm2.forward(h)));
        return ((_shortcut?.forward(x) ?? x) + h).MoveToOuterDisposeScope();
    }
}

/// <summary>x + proj_out(attention(norm(x))) of one head, over all positions of the picture (AttnBlock).</summary>
internal sealed class VqganAttention : nn.Module<Tensor, Tensor>
{
    private readonly VqganNorm _norm;
    private readonly VqganConv _query;
    private readonly VqganConv _key;
    private readonly VqganConv _value;
    private readonly VqganConv _out;

    internal VqganAttention(WeightSource source, string name, int channels)
        : base(nameof(VqganAttention))
    {
        _norm = new VqganNorm(source, $"{name}.norm", channels);
        _query = new VqganConv(source, $"{name}.q", channels, channels, 1);
        _key = new VqganConv(source, $"{name}.k", channels, channels, 1);
        _value = new VqganConv(source, $"{name}.v", channels, channels, 1);
        _out = new VqganConv(source, $"{name}.proj_out", channels, channels, 1);
        register_module("norm", _norm);
        register_module("q", _query);
        register_module("k", _key);
        register_module("v", _value);
        register_module("proj_out", _out);
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var normed = _norm.forward(x);
        var mixed = nn.functional.scaled_dot_product_attention(Flat(_query), Flat(_key), Flat(_value)); // [N, H W, C]
        return (x + _out.forward(mixed.transpose(1, 2).reshape(x.shape))).MoveToOuterDisposeScope();

        Tensor Flat(VqganConv conv) => conv.forward(normed).flatten(2).transpose(1, 2);
    }
}
