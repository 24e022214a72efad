using Sightline.Models.Clip;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>A convolution of stride 1 that keeps the sides; its parameters are called <c>w</c> and <c>b</c> (dall_e/utils.py).</summary>
internal class DvaeConv : nn.Module<Tensor, Tensor>
{
    private readonly long _padding;

    internal DvaeConv(WeightSource source, string name, int inputs, int outputs, int kernel)
        : base(nameof(DvaeConv))
    {
        _padding = (kernel - 1) / 2;
        register_parameter("w", source.Parameter($"{name}.w", outputs, inputs, kernel, kernel));
        register_parameter("b", source.Parameter($"{name}.b", outputs));
    }

    public override Tensor forward(Tensor x) =>
        nn.functional.conv2d(x, get_parameter("w")!, get_parameter("b"), padding: [_padding, _padding]);
}

/// <summary>A convolution of the rectified input.</summary>
internal sealed class DvaeReluConv(WeightSource source, string name, int inputs, int outputs, int kernel)
    : DvaeConv(source, name, inputs, outputs, kernel)
{
    public override Tensor forward(Tensor x)
    {
        using var rectified = nn.functional.relu(x);
        return base.forward(rectified);
    }
}

/// <summary>x + gain * conv_4(relu(conv_3(...conv_1(relu(x))))), with a 1x1 convolution of x where the width changes.</summary>
internal sealed class DvaeBlock : nn.Module<Tensor, Tensor>
{
    private readonly DvaeConv? _identity;
    private readonly Sequential _residual;
    private readonly double _gain;

    /// <param name="kernels">Sides of the four convolutions of the residual path, which is a quarter as wide inside.</param>
    internal DvaeBlock(WeightSource source, string name, int inputs, int outputs, ReadOnlySpan<int> kernels, double gain)
        : base(nameof(DvaeBlock))
    {
        _gain = gain;
        var hidden = outputs / 4;
        var convs = new (string, nn.Module<Tensor, Tensor>)[kernels.Length];
        for (var i = 0; i < kernels.Length; i++)
        {
            var (from, to) = (i == 0 ? inputs : hidden, i == kernels.Length - 1 ? outputs : hidden);
            convs[i] = ($"conv_{i + 1}", new DvaeReluConv(source, $"{name}.res_path.conv_{i + 1}", from, to, kernels[i]));
        }

        _residual = nn.Sequential(convs);
        register_module("res_path", _residual);
        if (inputs != outputs)
        {
            _identity = new DvaeConv(source, $"{name}.id_path", inputs, outputs, 1);
            register_module("id_path", _identity);
        }
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return ((_identity?.forward(x) ?? x) + _residual.forward(x) * _gain).MoveToOuterDisposeScope();
    }
}
