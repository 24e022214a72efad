using Sightline.Models.Clip;
using Sightline.Models.Images;
using Sightline.Training.Clip;
using static TorchSharp.torch;

namespace Sightline.Training.Tests.Clip;

public sealed class InitialWeightsTests
{
    private const int Width = 64;
    private const int Layers = 8;

    private static readonly TransformerConfig Text = new(Width, Layers, 1, 4 * Width, 1e-5);

    private static readonly ClipConfig Vit = new(
        32, 64, new(new(128, 2, 2, 512, 1e-5), 8), null, Text, 77, 1000, Activation.QuickGelu, null, ClipConfig.OpenAiMean,
        ClipConfig.OpenAiStd, ResizeMode.Shortest, ResampleFilter.Bicubic, false);

    private static readonly ClipConfig ResNet = Vit with { Vision = null, ResNet = new([1, 1, 1, 1], 8, 4) };

    public static TheoryData<string, long[], double> Normal => new()
    {
        { "token_embedding.weight", [1000, Width], 0.02 },
        { "positional_embedding", [77, Width], 0.01 },
        { "text_projection", [Width, 32], Math.Pow(Width, -0.5) },
        { "transformer.resblocks.1.attn.in_proj_weight", [3 * Width, Width], Math.Pow(Width, -0.5) },
        { "transformer.resblocks.1.attn.out_proj.weight", [Width, Width], Math.Pow(Width, -0.5) * Math.Pow(2 * Layers, -0.5) },
        { "transformer.resblocks.1.mlp.c_proj.weight", [Width, 4 * Width], Math.Pow(Width, -0.5) * Math.Pow(2 * Layers, -0.5) },
        { "transformer.resblocks.1.mlp.c_fc.weight", [4 * Width, Width], Math.Pow(2 * Width, -0.5) },
        { "visual.class_embedding", [128], Math.Pow(128, -0.5) },
        { "visual.positional_embedding", [65, 128], Math.Pow(128, -0.5) },
        { "visual.proj", [128, 32], Math.Pow(128, -0.5) },
        { "visual.attnpool.positional_embedding", [5, 256], Math.Pow(256, -0.5) },
        { "visual.attnpool.k_proj.weight", [256, 256], Math.Pow(256, -0.5) },
        { "visual.attnpool.c_proj.weight", [32, 256], Math.Pow(256, -0.5) },
    };

    // PyTorch's own: within a bound, of deviation bound / sqrt(3).
    public static TheoryData<string, long[], double> Uniform => new()
    {
        { "visual.conv1.weight", [128, 3, 8, 8], Math.Pow(3 * 8 * 8, -0.5) },
        { "visual.transformer.resblocks.0.attn.in_proj_weight", [384, 128], Math.Sqrt(6.0 / (384 + 128)) },
        { "visual.transformer.resblocks.0.attn.out_proj.weight", [128, 128], Math.Pow(128, -0.5) },
        { "visual.transformer.resblocks.0.mlp.c_proj.weight", [128, 512], Math.Pow(512, -0.5) },
        { "visual.transformer.resblocks.0.mlp.c_proj.bias", [128], Math.Pow(512, -0.5) },
        { "transformer.resblocks.0.mlp.c_fc.bias", [4 * Width], Math.Pow(Width, -0.5) },
        { "visual.attnpool.q_proj.bias", [256], Math.Pow(256, -0.5) },
        { "visual.layer2.0.conv2.weight", [16, 16, 3, 3], Math.Pow(16 * 9, -0.5) },
        { "visual.layer2.0.downsample.0.weight", [64, 32, 1, 1], Math.Pow(32, -0.5) },
    };

    [Theory]
    [MemberData(nameof(Normal))]
    public void Normal_weights_have_their_deviation(string name, long[] shape, double deviation)
    {
        var numbers = Take(name, shape);
        var found = Math.Sqrt(numbers.Average(n => n * n));
        Assert.InRange(found / deviation, 1 - 4 / Math.Sqrt(2 * numbers.Length), 1 + 4 / Math.Sqrt(2 * numbers.Length));
        Assert.True(numbers.Max() > 1.9 * deviation);
    }

    [Theory]
    [MemberData(nameof(Uniform))]
    public void Uniform_weights_keep_their_bound(string name, long[] shape, double bound)
    {
        var numbers = Take(name, shape);
        Assert.InRange(numbers.Max(Math.Abs), 0.9 * bound, bound * (1 + 1e-6));
        Assert.InRange(Math.Sqrt(numbers.Average(n => n * n)) / (bound / Math.Sqrt(3)), 0.85, 1.15);
    }

    [Theory]
    [InlineData("visual.bn3.weight", 1)]
    [InlineData("visual.layer1.0.bn2.weight", 1)]
    [InlineData("visual.layer1.0.bn3.weight", 0)]
    [InlineData("visual.layer4.0.bn3.bias", 0)]
    [InlineData("visual.layer2.0.downsample.1.weight", 1)]
    [InlineData("visual.layer2.0.bn1.running_mean", 0)]
    [InlineData("visual.layer2.0.bn3.running_var", 1)]
    [InlineData("visual.ln_pre.weight", 1)]
    [InlineData("transformer.resblocks.3.ln_2.bias", 0)]
    [InlineData("ln_final.weight", 1)]
    [InlineData("transformer.resblocks.0.attn.in_proj_bias", 0)]
    [InlineData("visual.transformer.resblocks.0.attn.out_proj.bias", 0)]
    public void Constants_are_what_they_should_be(string name, double expected) =>
        Assert.All(Take(name, [32]), n => Assert.Equal(expected, n));

    [Fact]
    public void A_new_block_is_the_identity_and_a_seed_gives_one_model()
    {
        using var scope = NewDisposeScope();
        double[] Embed(long seed)
        {
            using var source = new InitialWeights(ResNet, seed);
            using var model = new ClipModel(source, ResNet);
            return Gradients.Numbers(model.EmbedImages(ones([1, 3, 64, 64])));
        }

        Assert.Equal(Embed(3), Embed(3));
        Assert.NotEqual(Embed(3), Embed(4));
    }

    private static double[] Take(string name, long[] shape)
    {
        using var scope = NewDisposeScope();
        using var source = new InitialWeights(name.Contains("attnpool", StringComparison.Ordinal) ? ResNet : Vit, 9);
        return Gradients.Numbers(source.Take(name, shape));
    }
}
