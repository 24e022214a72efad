using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.Tests.NN;

public sealed class LayerTests
{
    [Fact]
    public void Linear_is_x_times_A_transposed_plus_b()
    {
        using var scope = NewDisposeScope();
        using var layer = nn.Linear(2, 1);
        Fill(layer.weight, 2, 3);
        Fill(layer.bias!, 1);
        Assert.Equal([2 * 5 + 3 * 7 + 1], Numbers.Of(layer.forward(tensor([5f, 7f], [1, 2]))));
    }

    [Fact]
    public void Weights_start_within_one_over_the_root_of_the_fan_in()
    {
        using var layer = nn.Conv2d(4, 8, 3);
        var weights = Numbers.Of(layer.weight);
        Assert.All(weights, w => Assert.InRange(Math.Abs(w), 0, 1 / Math.Sqrt(4 * 9)));
        Assert.True(weights.Distinct().Count() > 200);
    }

    [Fact]
    public void Conv2d_slides_its_kernel()
    {
        using var scope = NewDisposeScope();
        using var layer = nn.Conv2d(1, 1, 2, stride: 1, padding: 0, bias: false);
        Fill(layer.weight, 1, 0, 0, 10);
        Assert.Equal([51, 62, 84, 95], Numbers.Of(layer.forward(arange(1, 10, ScalarType.Float32).view(1, 1, 3, 3))));
    }

    [Fact]
    public void Embedding_looks_rows_up()
    {
        using var scope = NewDisposeScope();
        using var table = nn.Embedding(3, 2);
        Fill(table.weight, 0, 1, 2, 3, 4, 5);
        Assert.Equal([4, 5, 0, 1], Numbers.Of(table.forward(tensor([2L, 0L]))));
    }

    [Fact]
    public void LayerNorm_gives_mean_zero_and_variance_one()
    {
        using var scope = NewDisposeScope();
        using var norm = nn.LayerNorm(4);
        var y = norm.forward(tensor([1f, 2f, 3f, 6f], [1, 4]));
        Assert.Equal(0, y.mean().ToDouble(), 1e-5);
        Assert.Equal(1, y.std(unbiased: false).ToDouble(), 1e-4);
    }

    [Fact]
    public void Batch_normalisation_learns_statistics_in_training_and_uses_them_after()
    {
        using var scope = NewDisposeScope();
        using var norm = nn.BatchNorm2d(1);
        var x = arange(8, ScalarType.Float32).view(2, 1, 2, 2);
        norm.call(x);
        norm.eval();
        Numbers.AssertClose([0.1 * 3.5], norm.running_mean);
        Numbers.AssertClose([0.9 + 0.1 * 6], norm.running_var);
        Assert.Equal((0 - 0.35) / Math.Sqrt(1.5 + 1e-5), Numbers.Of(norm.call(x))[0], 1e-6);
    }

    [Fact]
    public void Gelu_is_exact_or_the_approximation_asked_for()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1.0]);
        using var exact = nn.GELU();
        using var approximate = nn.GELU(GELU.Approximate.tanh);
        Assert.Equal(0.8413447460685429, exact.forward(x).ToDouble(), 1e-12);
        Assert.Equal(0.5 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * 1.044715)), approximate.forward(x).ToDouble(), 1e-12);
    }

    [Fact]
    public void Attention_weighs_values_by_the_softmax_of_scaled_products()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var parts = Enumerable.Range(0, 3).Select(_ => randn([2, 2, 5, 8], ScalarType.Float64, generator: generator)).ToArray();
        var scores = parts[0].matmul(parts[1].transpose(-2, -1)) / Math.Sqrt(8);
        var blocked = ones([5, 5], @bool).triu(1);
        var plain = scores.softmax(-1).matmul(parts[2]);
        var causal = scores.masked_fill(blocked, double.NegativeInfinity).softmax(-1).matmul(parts[2]);
        Numbers.AssertClose(Numbers.Of(plain), F.scaled_dot_product_attention(parts[0], parts[1], parts[2]), 1e-12);
        Numbers.AssertClose(Numbers.Of(causal), F.scaled_dot_product_attention(parts[0], parts[1], parts[2], is_casual: true), 1e-12);
        Numbers.AssertClose(Numbers.Of(causal), F.scaled_dot_product_attention(parts[0], parts[1], parts[2], blocked.logical_not()), 1e-12);
    }

    [Fact]
    public void Dropout_zeroes_a_share_and_scales_the_rest()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var numbers = Numbers.Of(F.dropout(ones(1000), 0.25));
        Assert.Equal([0, 1 / 0.75f], numbers.Distinct().Order());
        Assert.InRange(numbers.Count(n => n == 0), 200, 300);
    }

    [Fact]
    public void What_is_not_bound_says_so()
    {
        using var scope = NewDisposeScope();
        var x = ones(2);
        Assert.Throws<NotSupportedException>(() => F.relu(x, inplace: true));
        Assert.Throws<NotSupportedException>(() => F.pad(x, [1, 1], PaddingModes.Reflect));
        Assert.Throws<NotSupportedException>(() => nn.Conv2d(1, 1, 1, padding_mode: PaddingModes.Circular));
        Assert.Throws<NotSupportedException>(() => nn.Embedding(2, 2, padding_idx: 0));
        Assert.Throws<NotSupportedException>(() => nn.BatchNorm2d(2, affine: false));
        Assert.Throws<NotSupportedException>(() => optim.AdamW([new Parameter(x)], amsgrad: true));
    }

    private static void Fill(Parameter parameter, params float[] values)
    {
        using var guard = no_grad();
        using var given = tensor(values, parameter.shape);
        parameter.copy_(given);
    }
}
