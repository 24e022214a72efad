using System.Runtime.CompilerServices;
using Sightline.Models.Clip;
using Sightline.Models.Generation;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models.Tests.Generation;

/// <summary>The step in native/kernels.cpp against libtorch's operators.</summary>
public sealed class PriorKernelTests
{
    [Fact]
    public void Both_sides_lay_out_the_arguments_alike()
    {
        Assert.Equal(PriorKernel.sl_kernels_size_of_layer(), Unsafe.SizeOf<PriorKernel.LayerArguments>());
        Assert.Equal(PriorKernel.sl_kernels_size_of_step(), Unsafe.SizeOf<PriorKernel.StepArguments>());
    }

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(1, 5, false)]
    [InlineData(2, 3, true)]
    public void It_predicts_what_libtorch_predicts(int branches, int candidates, bool variant)
    {
        for (var instructions = 0; instructions <= PriorKernel.BestInstructions; instructions++)
        {
            // Sums in another order: a few units in the last place of float32, which two norms a layer pass on.
            Compare(branches, candidates, variant, ScalarType.Float32, instructions, 1e-5);

            // Libtorch rounds every result to 8 bits, the kernel only weights and caches.
            Compare(branches, candidates, variant, ScalarType.BFloat16, instructions, 0.05);
        }
    }

    // All patterns, with the sandwich and the other GELU; widths that no vector divides.
    private static void Compare(int branches, int candidates, bool variant, ScalarType type, int instructions, double tolerance)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        ImageAttention[] attention =
        [
            new(AttentionPattern.Row), new(AttentionPattern.Column), new(AttentionPattern.Full), new(AttentionPattern.Convolution, 3),
            new(AttentionPattern.ClampedConvolution, 3),
        ];
        var config = new PriorConfig(
            44, 2, 75, 30, 7, new TokenGrid(4, 5, 26), attention, variant, variant, variant ? GELU.Approximate.tanh : GELU.Approximate.none);
        using var source = new RandomSource(5);
        using var prior = new Prior(source, config);
        prior.to(type);
        var text = Tensors.Codes(30, branches, 7);
        using var plain = new PriorDecoding(prior, text, candidates, [3, 4], kernel: null);
        using var fast = new PriorDecoding(prior, text, candidates, [3, 4], instructions);
        Tensors.AssertAgree(plain.Next(null), fast.Next(null), 0);
        for (var position = 2; position < config.Grid.Length - 1; position++)
        {
            var chosen = Tensors.Codes(26, candidates, config.Grid.Length).select(1, position);
            Tensors.AssertAgree(plain.Next(chosen), fast.Next(chosen), tolerance);
        }
    }
}
