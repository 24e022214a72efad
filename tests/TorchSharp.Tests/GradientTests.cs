using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.Tests;

/// <summary>What backward computes for every bound differentiable operation, against central differences in float64.</summary>
public sealed class GradientTests
{
    private const double Step = 1e-6;

    // Central differences err by the square of the step and by rounding (1e-16 / 1e-6): 1e-6 leaves a margin of a thousand.
    private const double Tolerance = 1e-6;

    private static readonly Dictionary<string, (Func<Tensor[], Tensor> Operation, long[][] Shapes)> Cases = new()
    {
        ["add"] = (x => x[0] + x[1], [[2, 3], [3]]),
        ["add scaled"] = (x => x[0].add(x[1], 0.5), [[2, 3], [2, 3]]),
        ["add number"] = (x => x[0] + 2, [[3]]),
        ["sub"] = (x => x[0] - x[1], [[2, 3], [2, 1]]),
        ["sub number"] = (x => x[0] - 2, [[3]]),
        ["mul"] = (x => x[0] * x[1], [[2, 3], [2, 3]]),
        ["mul number"] = (x => 3 * x[0], [[2, 3]]),
        ["div"] = (x => x[0] / Positive(x[1]), [[2, 3], [2, 3]]),
        ["div number"] = (x => x[0] / 3, [[2, 3]]),
        ["neg"] = (x => -x[0], [[3]]),
        ["matmul"] = (x => x[0].matmul(x[1]), [[2, 2, 3], [3, 4]]),
        ["mm"] = (x => x[0].mm(x[1]), [[2, 3], [3, 2]]),
        ["bmm"] = (x => x[0].bmm(x[1]), [[2, 2, 3], [2, 3, 2]]),
        ["addmm"] = (x => x[0].addmm(x[1], x[2], 0.5f, 2), [[2, 2], [2, 3], [3, 2]]),
        ["outer"] = (x => x[0].outer(x[1]), [[2], [3]]),
        ["einsum"] = (x => einsum("bij,bkj->bik", x[0], x[1]), [[2, 2, 3], [2, 4, 3]]),
        ["exp"] = (x => x[0].exp(), [[2, 3]]),
        ["log"] = (x => Positive(x[0]).log(), [[2, 3]]),
        ["sqrt"] = (x => Positive(x[0]).sqrt(), [[2, 3]]),
        ["rsqrt"] = (x => Positive(x[0]).rsqrt(), [[2, 3]]),
        ["abs"] = (x => x[0].abs(), [[2, 3]]),
        ["tanh"] = (x => x[0].tanh(), [[2, 3]]),
        ["sigmoid"] = (x => x[0].sigmoid(), [[2, 3]]),
        ["pow number"] = (x => x[0].pow(3), [[2, 3]]),
        ["pow"] = (x => Positive(x[0]).pow(x[1]), [[2, 3], [2, 3]]),
        ["clamp"] = (x => x[0].clamp(-0.5, 0.5), [[2, 3]]),
        ["clamp above"] = (x => x[0].clamp(max: 0.5), [[2, 3]]),
        ["maximum"] = (x => x[0].maximum(x[1]), [[2, 3], [2, 3]]),
        ["minimum"] = (x => x[0].minimum(x[1]), [[2, 3], [2, 3]]),
        ["sum"] = (x => x[0].sum(), [[2, 3]]),
        ["sum dim"] = (x => x[0].sum(1, keepdim: true), [[2, 3]]),
        ["mean"] = (x => x[0].mean(), [[2, 3]]),
        ["mean dim"] = (x => x[0].mean([0]), [[2, 3]]),
        ["std"] = (x => x[0].std(), [[2, 3]]),
        ["max"] = (x => x[0].max(), [[2, 3]]),
        ["min"] = (x => x[0].min(), [[2, 3]]),
        ["amax"] = (x => x[0].amax(1), [[2, 3]]),
        ["amin"] = (x => x[0].amin(1), [[2, 3]]),
        ["norm"] = (x => x[0].norm(), [[2, 3]]),
        ["norm dim"] = (x => x[0].norm(1, keepdim: true, 3), [[2, 3]]),
        ["softmax"] = (x => x[0].softmax(-1), [[2, 3]]),
        ["log_softmax"] = (x => F.log_softmax(x[0], 1), [[2, 3]]),
        ["cumsum"] = (x => x[0].cumsum(1), [[2, 3]]),
        ["tril"] = (x => x[0].tril(), [[3, 3]]),
        ["triu"] = (x => x[0].triu(1), [[3, 3]]),
        ["sort"] = (x => sort(x[0], 1, descending: true).values, [[2, 4]]),
        ["topk"] = (x => topk(x[0], 2).values, [[2, 4]]),
        ["masked_fill"] = (x => x[0].masked_fill(x[0].gt(0), 2), [[2, 3]]),
        ["where"] = (x => where(x[0].gt(0), x[0], x[1]), [[2, 3], [2, 3]]),
        ["cat"] = (x => cat([x[0], x[1]], 1), [[2, 3], [2, 1]]),
        ["stack"] = (x => stack([x[0], x[1]], 1), [[2, 3], [2, 3]]),
        ["chunk"] = (x => x[0].chunk(2, 1)[1], [[2, 4]]),
        ["split"] = (x => x[0].split(3, 1)[0], [[2, 4]]),
        ["split sizes"] = (x => x[0].split([1L, 3L], 1)[1], [[2, 4]]),
        ["unbind"] = (x => x[0].unbind(1)[2], [[2, 3]]),
        ["index"] = (x => x[0][TensorIndex.Ellipsis, TensorIndex.Slice(1, 3)], [[2, 4]]),
        ["index tensors"] = (x => x[0].index(Indices(0, 2, 2)), [[3, 2]]),
        ["index_put_"] = (x => Put(x[0].clone(), x[1]), [[3, 2], [2]]),
        ["index_select"] = (x => x[0].index_select(1, Indices(2, 0)), [[2, 3]]),
        ["select"] = (x => x[0].select(1, 2), [[2, 3]]),
        ["slice"] = (x => x[0].slice(1, 0, 4, 2), [[2, 4]]),
        ["narrow"] = (x => x[0].narrow(1, 1, 2), [[2, 4]]),
        ["gather"] = (x => x[0].gather(1, Indices(2, 0).unsqueeze(1)), [[2, 3]]),
        ["scatter_"] = (x => x[0].clone().scatter_(1, Indices(2, 0).unsqueeze(1), x[1]), [[2, 3], [2, 1]]),
        ["view"] = (x => x[0].view(3, 2), [[2, 3]]),
        ["reshape"] = (x => x[0].t().reshape(6), [[2, 3]]),
        ["flatten"] = (x => x[0].flatten(1), [[2, 3, 2]]),
        ["permute"] = (x => x[0].permute(2, 0, 1), [[2, 3, 2]]),
        ["transpose"] = (x => x[0].transpose(0, 1), [[2, 3]]),
        ["unsqueeze squeeze"] = (x => x[0].unsqueeze(1).squeeze(1).squeeze(), [[2, 3]]),
        ["expand"] = (x => x[0].expand(4, 3), [[1, 3]]),
        ["repeat"] = (x => x[0].repeat(2, 2), [[2, 3]]),
        ["repeat_interleave"] = (x => x[0].repeat_interleave(2, 1), [[2, 3]]),
        ["roll"] = (x => x[0].roll(1, 1), [[2, 3]]),
        ["to and contiguous"] = (x => x[0].t().contiguous().clone().to(ScalarType.Float64), [[2, 3]]),
        ["in place"] = (x => x[0].clone().mul_(x[1]).add_(x[0], 2).div_(Positive(x[1])), [[2, 3], [2, 3]]),
        ["in place by numbers"] = (x => x[0].clone().add_(1).mul_(2).div_(3).clamp_(-0.5, 0.5), [[2, 3]]),
        ["masked_fill_"] = (x => x[0].clone().masked_fill_(x[0].gt(0), 2), [[2, 3]]),
        ["copy_"] = (x => zeros_like(x[0]).copy_(x[0]), [[2, 3]]),
        ["linear"] = (x => F.linear(x[0], x[1], x[2]), [[2, 3], [4, 3], [4]]),
        ["conv2d"] = (x => F.conv2d(x[0], x[1], x[2], [2, 2], [1, 1]), [[1, 2, 4, 4], [3, 2, 3, 3], [3]]),
        ["conv2d grouped"] = (x => F.conv2d(x[0], x[1], groups: 2), [[1, 2, 3, 3], [2, 1, 2, 2]]),
        ["embedding"] = (x => Ops.Embedding.Call(x[0], Indices(2, 0, 2)), [[3, 2]]),
        ["layer_norm"] = (x => F.layer_norm(x[0], [4], x[1], x[2]), [[2, 4], [4], [4]]),
        ["group_norm"] = (x => F.group_norm(x[0], 2, x[1], x[2]), [[2, 4, 2], [4], [4]]),
        ["batch_norm"] = (x => F.batch_norm(x[0], null, null, x[1], x[2], training: true), [[3, 2, 2, 2], [2], [2]]),
        ["relu"] = (x => F.relu(x[0]), [[2, 3]]),
        ["gelu"] = (x => F.gelu(x[0]), [[2, 3]]),
        ["gelu tanh"] = (x => F.gelu(x[0], GELU.Approximate.tanh), [[2, 3]]),
        ["silu"] = (x => F.silu(x[0]), [[2, 3]]),
        ["dropout of nothing"] = (x => F.dropout(x[0], 0.5, training: false), [[2, 3]]),
        ["avg_pool2d"] = (x => F.avg_pool2d(x[0], 2), [[1, 2, 4, 4]]),
        ["max_pool2d"] = (x => F.max_pool2d(x[0], 2), [[1, 2, 4, 4]]),
        ["interpolate nearest"] = (x => F.interpolate(x[0], scale_factor: [2, 2]), [[1, 1, 2, 3]]),
        ["interpolate bilinear"] = (x => F.interpolate(x[0], [3, 5], mode: InterpolationMode.Bilinear), [[1, 1, 2, 3]]),
        ["interpolate bicubic"] = (x => F.interpolate(x[0], [3, 5], mode: InterpolationMode.Bicubic, align_corners: true), [[1, 1, 2, 3]]),
        ["interpolate antialiased"] = (x => F.interpolate(x[0], [2, 2], mode: InterpolationMode.Bicubic, antialias: true), [[1, 1, 4, 5]]),
        ["pad"] = (x => F.pad(x[0], [1, 2], value: 3), [[2, 3]]),
        ["normalize"] = (x => F.normalize(x[0]), [[2, 3]]),
        ["attention"] = (x => F.scaled_dot_product_attention(x[0], x[1], x[2]), [[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]]),
        ["attention causal"] = (x => F.scaled_dot_product_attention(x[0], x[1], x[2], is_casual: true), [[1, 3, 4], [1, 3, 4], [1, 3, 4]]),
        ["attention masked"] = (x => F.scaled_dot_product_attention(x[0], x[1], x[2], x[3]), [[1, 3, 4], [1, 3, 4], [1, 3, 4], [3, 3]]),
        ["cross_entropy"] = (x => F.cross_entropy(x[0], Indices(2, 0), label_smoothing: 0.1), [[2, 3]]),
        ["binary_cross_entropy"] = (x => F.binary_cross_entropy_with_logits(x[0], x[0].gt(0).to(ScalarType.Float64)), [[2, 3]]),
        ["mse_loss"] = (x => F.mse_loss(x[0], x[1]), [[2, 3], [2, 3]]),
        ["l1_loss"] = (x => F.l1_loss(x[0], x[1], nn.Reduction.Sum), [[2, 3], [2, 3]]),
    };

    public static TheoryData<string> Operations => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Operations))]
    public void The_gradient_is_the_limit_of_differences(string name)
    {
        using var scope = NewDisposeScope();
        var (operation, shapes) = Cases[name];
        using var generator = new Generator(7);
        var inputs = shapes.Select(s => randn(s, ScalarType.Float64, generator: generator).requires_grad_()).ToArray();
        var weights = randn(operation(inputs).shape, ScalarType.Float64, generator: generator);
        (operation(inputs) * weights).sum().backward();
        foreach (var input in inputs)
        {
            Numbers.AssertClose(Differences(() => (operation(inputs) * weights).sum().ToDouble(), input), input.grad!, Tolerance);
        }
    }

    private static double[] Differences(Func<double> value, Tensor input)
    {
        using var guard = no_grad();
        var differences = new double[input.NumberOfElements];
        for (var i = 0; i < differences.Length; i++)
        {
            using var scope = NewDisposeScope();
            differences[i] = (Moved(Step) - Moved(-Step)) / (2 * Step);

            double Moved(double by)
            {
                var numbers = MemoryMarshal.Cast<byte, double>(input.bytes);
                var kept = numbers[i];
                numbers[i] += by;
                var result = value();
                numbers[i] = kept;
                return result;
            }
        }

        return differences;
    }

    private static Tensor Positive(Tensor x) => x * x + 0.5;

    private static Tensor Indices(params long[] indices) => tensor(indices);

    private static Tensor Put(Tensor target, Tensor row)
    {
        target[1] = row;
        target[Indices(0, 2)] = row * 2;
        return target;
    }
}
