using Sightline.Models.Generation;
using Sightline.Models.Weights;
using Sightline.TestKit;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Models.Tests.Generation;

/// <summary>ruDALL-E in small: its layout of names and tables, and its network written out once more from its description.</summary>
public sealed class RuDalleTests : IDisposable
{
    private const int Length = 6;
    private const int Words = 12;
    private const int Side = 14;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_network_is_the_one_described()
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        TinyModels.WriteRuDalle(_folder.Path);
        using var file = Checkpoint.Open(_folder.PathOf("pytorch_model_v3.bin"));
        var (prior, _) = RuDalleFolder.LoadPrior(file, CPU, ScalarType.Float32);
        using var loaded = prior;
        var text = tensor([2L, 5, 8, 3, 0, 0], [1, Length]); // 0 is ruDALL-E's padding
        using var generator = new Generator(3);
        var image = randint(0, 24, [1, Side * Side], generator: generator);

        var (textLogits, imageLogits) = prior.forward(where(text.eq(0), full_like(text, Prior.Padding), text), image);

        var expected = Describe(file, text, image); // [1, T, text tokens + paddings + image tokens]
        Tensors.AssertAgree(expected.narrow(1, 0, Length - 1).narrow(2, 0, Words), textLogits, 1e-5);
        Tensors.AssertAgree(expected.narrow(1, Length - 1, Side * Side).narrow(2, Words + Length, 24), imageLogits, 1e-5);
    }

    [Fact]
    public void Malevich_s_names_and_sizes_are_those_of_1_3_billion_parameters()
    {
        var shapes = TinyModels.RuDalleShapes(2048, 24, 16384, 128, 32, 8192).ToList();
        var numbers = shapes.Sum(s => s.Shape.Aggregate(1L, (product, side) => product * side));

        // 24 x (12 D^2 + 13 D + 8 D of sandwich norms) and the tables.
        Assert.Equal(5 + 2 * 2 + 2 + 24 * 16, shapes.Count);
        Assert.InRange(numbers, 1_300_000_000, 1_320_000_000);
    }

    [Fact]
    public void Pictures_come_from_a_folder_as_published()
    {
        using var generator = Load();
        var images = Generate(generator, "кот", generator.Defaults with { Count = 2, Seed = 2 });

        Assert.Equal((2048, 0.995), (generator.Defaults.TopK, generator.Defaults.TopP));
        Assert.All(images, i => Assert.Equal((28, 28), (i.Image.Width, i.Image.Height)));
        Assert.NotEqual(images[0].Tokens.Values.ToArray(), images[1].Tokens.Values.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a cat, 犬 🐶")]
    public void Any_caption_is_drawn(string caption)
    {
        using var generator = Load();
        Assert.Single(Generate(generator, caption + new string('к', caption.Length * 1_000), new SamplingOptions(Guidance: 2)));
    }

    [Theory]
    [InlineData("pytorch_model_v3.bin", "transformer.layers.2.mlp.dense_h_to_4h.bias", "", "2.mlp.dense_h_to_4h.bias is missing")]
    [InlineData("pytorch_model_v3.bin", "text_embeddings.weight", "", "text_embeddings.weight is missing")]
    [InlineData("pytorch_model_v3.bin", "to_logits.1.bias", "to_logits.1.bias", "to_logits.1.bias should be [42], it is [3]")]
    [InlineData("pytorch_model_v3.bin", "", "extra.weight", "extra.weight is no part of this model")]
    [InlineData("vqgan.gumbelf8-sber.model.ckpt", "quantize.embed.weight", "", "quantize.embed.weight is missing")]
    [InlineData("vqgan.gumbelf8-sber.model.ckpt", "", "decoder.conv_mid.weight", "decoder.conv_mid.weight is no part of this model")]
    public void A_missing_extra_or_misshapen_tensor_is_named(string file, string remove, string add, string problem)
    {
        TinyModels.WriteRuDalle(_folder.Path);
        TinyModels.Change(_folder.PathOf(file), remove, add);

        var refused = Assert.Throws<ModelFormatException>(() => ImageGenerator.Load(_folder.Path, TinyModels.Cpu));

        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
        Assert.Contains(file, refused.Message, StringComparison.Ordinal);
    }

    // ruDALL-E's forward pass, term by term, straight from the stored tensors.
    private static Tensor Describe(Checkpoint file, Tensor text, Tensor image)
    {
        const int width = 128, heads = 2, total = Length + Side * Side - 1;
        var padded = where(text.eq(0), arange(Length, ScalarType.Int64) + Words, text);
        var words = W("text_embeddings.weight")[padded] + W("text_pos_embeddings.weight").narrow(0, 0, Length);
        var places = Enumerable.Range(0, Side * Side - 1).ToList();
        var pixels = W("image_embeddings.weight")[image.narrow(1, 0, Side * Side - 1)]
            + W("image_row_embeddings.weight")[tensor([.. places.Select(at => (long)(at / Side))])]
            + W("image_col_embeddings.weight")[tensor([.. places.Select(at => (long)(at % Side))])];
        var x = cat([words, pixels], 1);
        for (var i = 0; i < 4; i++)
        {
            var layer = $"transformer.layers.{i}";
            var parts = Linear($"{layer}.attention.query_key_value", Norm($"{layer}.input_layernorm", x)).chunk(3, -1)
                .Select(p => p.view(1, total, heads, width / heads).permute(0, 2, 1, 3)).ToArray();
            var mask = LayerMask(i, total);
            var scores = parts[0].matmul(parts[1].transpose(-1, -2)) / Math.Sqrt(width / heads);
            var mixed = (scores * mask - (-mask + 1) * 10000).softmax(-1).matmul(parts[2]).permute(0, 2, 1, 3).reshape(1, total, width);
            x += Norm($"{layer}.before_first_addition_layernorm", Linear($"{layer}.attention.dense", mixed));
            var h = Linear($"{layer}.mlp.dense_h_to_4h", Norm($"{layer}.post_attention_layernorm", x));
            h = h * 0.5 * ((h * 0.7978845608028654 * (h * h * 0.044715 + 1)).tanh() + 1);
            x += Norm($"{layer}.before_second_addition_layernorm", Linear($"{layer}.mlp.dense_4h_to_h", h));
        }

        return Linear("to_logits.1", Norm("to_logits.0", Norm("transformer.final_layernorm", x)));

        Tensor W(string name) => Tensors.Stored(file, name);

        Tensor Linear(string name, Tensor input) => nn.functional.linear(input, W($"{name}.weight"), W($"{name}.bias"));

        Tensor Norm(string name, Tensor input) => nn.functional.layer_norm(input, [width], W($"{name}.weight"), W($"{name}.bias"), 1e-5);
    }

    // Layer 0 row, 1 column, 2 row, 3 (the last) an 11 x 11 square; the text is causal, and all of it visible.
    private static Tensor LayerMask(int layer, int total)
    {
        var mask = new float[total * total];
        for (var query = 0; query < total; query++)
        {
            for (var key = 0; key <= query; key++)
            {
                var (q, k) = (query - Length, key - Length);
                var (rows, columns) = (q / Side - k / Side, q % Side - k % Side);
                var sees = k < 0 || layer switch
                {
                    1 => columns == 0,
                    3 => rows <= 5 && columns is >= -5 and <= 5,
                    _ => q - k <= Side,
                };
                mask[query * total + key] = sees ? 1 : 0;
            }
        }

        return tensor(mask, [total, total]);
    }

    private static IReadOnlyList<GeneratedImage> Generate(ImageGenerator generator, string caption, SamplingOptions options) =>
        generator.Generate(new GenerationRequest(caption, options), null, CancellationToken.None);

    private ImageGenerator Load()
    {
        TinyModels.WriteRuDalle(_folder.Path);
        return ImageGenerator.Load(_folder.Path, TinyModels.Cpu);
    }
}
