using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models.Clip;

/// <summary>Layer normalisation over the last dimension.</summary>
internal sealed class Norm : nn.Module<Tensor, Tensor>
{
    private readonly long _width;
    private readonly double _eps;

    internal Norm(WeightSource source, string name, int width, double eps)
        : base(nameof(Norm))
    {
        (_width, _eps) = (width, eps);
        register_parameter("weight", source.Parameter($"{name}.weight", width));
        register_parameter("bias", source.Parameter($"{name}.bias", width));
    }

    public override Tensor forward(Tensor x)
    {
        var (weight, bias) = (get_parameter("weight")!, get_parameter("bias")!);
        if (x.dtype != ScalarType.BFloat16 || x.device_type != DeviceType.CPU)
        {
            return nn.functional.layer_norm(x, [_width], weight, bias, _eps);
        }

        // libtorch 1.13's own bf16 form takes eight times as long on a CPU as float32 and the way there and back.
        using var scope = NewDisposeScope();
        return nn.functional
            .layer_norm(x.to(ScalarType.Float32), [_width], weight.to(ScalarType.Float32), bias.to(ScalarType.Float32), _eps)
            .to(ScalarType.BFloat16).MoveToOuterDisposeScope();
    }
}

/// <summary>y = x A^T + b under the names <c>weight</c> and <c>bias</c>.</summary>
internal sealed class Affine : nn.Module<Tensor, Tensor>
{
    internal Affine(WeightSource source, string name, int inputs, int outputs)
        : base(nameof(Affine))
    {
        register_parameter("weight", source.Parameter($"{name}.weight", outputs, inputs));
        register_parameter("bias", source.Parameter($"{name}.bias", outputs));
    }

    public override Tensor forward(Tensor x) => nn.functional.linear(x, get_parameter("weight")!, get_parameter("bias"));
}

/// <summary>Multi-head self-attention with one packed input projection (torch.nn.MultiheadAttention's names and row order).</summary>
internal sealed class SelfAttention : nn.Module<Tensor, Tensor?, Tensor>
{
    private readonly int _heads;
    private readonly Affine _out;

    internal SelfAttention(WeightSource source, string name, TransformerConfig config)
        : base(nameof(SelfAttention))
    {
        _heads = config.Heads;
        register_parameter("in_proj_weight", source.Parameter($"{name}.in_proj_weight", 3L * config.Width, config.Width));
        register_parameter("in_proj_bias", source.Parameter($"{name}.in_proj_bias", 3L * config.Width));
        _out = new Affine(source, $"{name}.out_proj", config.Width, config.Width);
        register_module("out_proj", _out);
    }

    /// <param name="x">[N, T, D].</param>
    /// <param name="mask">[T, T], added to the scores; null: every token sees every token.</param>
    public override Tensor forward(Tensor x, Tensor? mask)
    {
        var (batch, tokens, width) = (x.size(0), x.size(1), x.size(2));
        var packed = nn.functional.linear(x, get_parameter("in_proj_weight")!, get_parameter("in_proj_bias"));

        // One copy here is cheaper than what libtorch 1.13 does with strided bf16 operands of a batched product.
        var parts = packed.view(batch, tokens, 3, _heads, width / _heads).permute(2, 0, 3, 1,
            4).contiguous().unbind(0); // 3 of [N, H, T, D/H]
        var mixed = nn.functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], mask);
        return _out.forward(mixed.transpose(1, 2).reshape(batch, tokens, width)); // [N, T, D]
    }
}

/// <summary>x += attention(ln_1(x)); x += mlp(ln_2(x)).</summary>
internal sealed class ResidualBlock : nn.Module<Tensor, Tensor?, Tensor>
{
    private readonly SelfAttention _attention;
    private readonly Norm _norm1;
    private readonly Norm _norm2;
    private readonly Mlp _mlp;
    private readonly Activation _activation;

    internal ResidualBlock(WeightSource source, string name, TransformerConfig config, Activation activation)
        : base(nameof(ResidualBlock))
    {
        _activation = activation;
        _attention = new SelfAttention(source, $"{name}.attn", config);
        _norm1 = new Norm(source, $"{name}.ln_1", config.Width, config.NormEps);
        _mlp = new Mlp(source, $"{name}.mlp", config);
        _norm2 = new Norm(source, $"{name}.ln_2", config.Width, config.NormEps);
        register_module("attn", _attention);
        register_module("ln_1", _norm1);
        register_module("mlp", _mlp);
        register_module("ln_2", _norm2);
    }

    public override Tensor forward(Tensor x, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        x = x + _attention.forward(_norm1.forward(x), mask);
        return (x + _mlp.forward(_norm2.forward(x), _activation)).MoveToOuterDisposeScope();
    }

    private sealed class Mlp : nn.Module<Tensor, Activation, Tensor>
    {
        private readonly Affine _up;
        private readonly Affine _down;

        internal Mlp(WeightSource source, string name, TransformerConfig config)
            : base(nameof(Mlp))
        {
            _up = new Affine(source, $"{name}.c_fc", config.Width, config.MlpWidth);
            _down = new Affine(source, $"{name}.c_proj", config.MlpWidth, config.Width);
            register_module("c_fc", _up);
            register_module("c_proj", _down);
        }

        public override Tensor forward(Tensor x, Activation activation)
        {
            var h = _up.forward(x);
            return _down.forward(activation == Activation.Gelu ? nn.functional.gelu(h) : h * (h * 1.702).sigmoid());
        }
    }
}

/// <summary>Residual blocks under <c>resblocks.0</c>, <c>resblocks.1</c>, ...</summary>
internal sealed class Transformer : nn.Module<Tensor, Tensor?, Tensor>
{
    private readonly ModuleList<ResidualBlock> _blocks;

    internal Transformer(WeightSource source, string name, TransformerConfig config, Activation activation)
        : base(nameof(Transformer))
    {
        var blocks = Enumerable.Range(0, config.Layers).Select(i => new ResidualBlock(source, $"{name}.resblocks.{i}", config, activation));
        _blocks = nn.ModuleList(blocks.ToArray());
        register_module("resblocks", _blocks);
    }

    public override Tensor forward(Tensor x, Tensor? mask)
    {
        foreach (var block in _blocks)
        {
            x = block.forward(x, mask);
        }

        return x;
    }
}
