using Sightline.Models.Clip;
using Sightline.Models.Generation;
using Sightline.Models.Weights;
using Sightline.TestKit;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models.Tests.Generation;

public sealed class PriorTests : IDisposable
{
    private static readonly TokenGrid Grid = new(4, 5, 9);

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Patterns => [.. Enum.GetNames<AttentionPattern>()];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Cached_steps_predict_what_the_whole_sequence_predicts(string pattern)
    {
        var attention = new ImageAttention(Enum.Parse<AttentionPattern>(pattern), 3);
        AssertCacheAgrees(Config([attention, attention, attention]), candidates: 1, known: 0);
        AssertCacheAgrees(Config([attention, attention]), candidates: 3, known: 7);
        AssertCacheAgrees(Config([attention, attention]), candidates: 2, known: 19);
    }

    [Fact]
    public void Cached_steps_agree_with_mixed_layers_in_a_sandwich()
    {
        var mixed = ImageAttention.PaperLayers(6).Select(a => a with { Kernel = 3 });
        AssertCacheAgrees(Config([.. mixed]) with { Sandwich = true, LogitNorm = true, Activation = GELU.Approximate.tanh }, 2, 10);
    }

    [Fact]
    public void Half_the_precision_predicts_nearly_the_same()
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        using var prior = Random(Config(ImageAttention.PaperLayers(6)));
        var expected = prior.forward(Captions(), Pictures()).Image;
        var actual = prior.to(ScalarType.BFloat16).forward(Captions(), Pictures()).Image.to(ScalarType.Float32);

        // bf16 keeps eight bits of a number: the cosine of the logits stays near one.
        var cosine = (expected * actual).sum() / (expected.norm() * actual.norm());
        Assert.InRange(cosine.ToDouble(), 0.999, 1.001);
    }

    [Fact]
    public void A_token_is_predicted_from_those_before_it_only()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var prior = Random(Config(ImageAttention.PaperLayers(4)));
        var (text, image) = (Captions(), Pictures());
        var (beforeText, beforeImage) = prior.forward(text, image);

        image[0, 7] = (image[0, 7] + 1).clamp(max: 8) - image[0, 7].eq(8).to(ScalarType.Int64);
        text[1, 2] = tensor(6L);
        var (afterText, afterImage) = prior.forward(text, image);

        // Image token 7 changes the predictions of 8 and on; text token 2 those of 3 and on, which logit 2 is the first of.
        Assert.Equal(Tensors.Numbers(beforeText[0]), Tensors.Numbers(afterText[0]));
        Assert.Equal(Tensors.Numbers(beforeImage[0].narrow(0, 0, 8)), Tensors.Numbers(afterImage[0].narrow(0, 0, 8)));
        Assert.NotEqual(Tensors.Numbers(beforeImage[0, 8]), Tensors.Numbers(afterImage[0, 8]));
        Assert.Equal(Tensors.Numbers(beforeText[1].narrow(0, 0, 2)), Tensors.Numbers(afterText[1].narrow(0, 0, 2)));
        Assert.NotEqual(Tensors.Numbers(beforeText[1, 2]), Tensors.Numbers(afterText[1, 2]));
        Assert.NotEqual(Tensors.Numbers(beforeImage[1, 0]), Tensors.Numbers(afterImage[1, 0]));
    }

    [Fact]
    public void Each_text_position_has_a_padding_vector_of_its_own()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var prior = Random(Config(ImageAttention.PaperLayers(2)));
        var before = prior.EmbedText(Captions());
        prior.get_parameter("text_padding")![4] = zeros(8);
        var after = prior.EmbedText(Captions());

        // Caption 0 has tokens at 0 to 2, caption 1 at 0 to 4.
        var changed = before.ne(after).to(ScalarType.Int64).amax(-1);
        Assert.Equal([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], Tensors.Integers(changed));
        Tensors.AssertAgree(prior.get_parameter("text_padding")![3] + prior.get_parameter("text_position")![3], after[0, 3], 0);
    }

    [Fact]
    public void The_loss_is_an_eighth_text_and_seven_eighths_image()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var prior = Random(Config(ImageAttention.PaperLayers(2)));
        var (text, image) = (Captions(), Pictures());
        var loss = PriorObjective.Loss(prior, text, image);
        var (textLogits, imageLogits) = prior.forward(text, image);

        // By hand: the logarithms of what the tokens were given, padding left out.
        var next = text.narrow(1, 1, 5);
        var words = Surprise(textLogits, next).Zip(Tensors.Integers(next)).Where(w => w.Second >= 0).ToList();
        Assert.Equal(6, words.Count);
        var expectedText = words.Average(w => w.First);
        var expectedImage = Surprise(imageLogits, image).Average();
        Assert.Equal(expectedText, loss.Text.ToDouble(), 5);
        Assert.Equal(expectedImage, loss.Image.ToDouble(), 5);
        Assert.Equal(expectedText / 8 + expectedImage * 7 / 8, loss.Total.ToDouble(), 5);
    }

    [Fact]
    public void A_batch_without_captions_has_no_text_loss()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var prior = Random(Config(ImageAttention.PaperLayers(2)));
        var loss = PriorObjective.Loss(prior, full([2, 6], Prior.Padding, ScalarType.Int64), Pictures());
        Assert.Equal(0, loss.Text.ToDouble());
        Assert.True(double.IsFinite(loss.Total.ToDouble()));
    }

    [Fact]
    public void The_gradient_of_the_loss_is_the_limit_of_differences()
    {
        using var scope = NewDisposeScope();
        var attention = ImageAttention.PaperLayers(4).Select(a => a with { Kernel = 3 });
        using var prior = Random(Config([.. attention]) with { Sandwich = true });
        prior.to(ScalarType.Float64);
        var (text, image) = (Captions(), Pictures());
        Tensors.AssertGradients([.. prior.named_parameters()], () => PriorObjective.Loss(prior, text, image).Total, most: 6);
    }

    [Fact]
    public void Captions_are_dropped_with_the_probability_asked_for()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(2);
        var text = ones([4000, 3], ScalarType.Int64);
        var empty = tensor([7L, 8L, -1L]);

        Assert.Equal(Tensors.Integers(text), Tensors.Integers(PriorObjective.DropCaptions(text, empty, 0, generator)));
        Assert.Equal(4000 * 14, PriorObjective.DropCaptions(text, empty, 1, generator).sum().ToInt64());
        var some = PriorObjective.DropCaptions(text, empty, 0.1, generator);
        var dropped = some.select(1, 0).eq(7).sum().ToInt64();

        // Standard deviation 19: 100 is five of them.
        Assert.InRange(dropped, 300, 500);
        Assert.Equal(dropped * 14 + (4000 - dropped) * 3, some.sum().ToInt64());
    }

    [Fact]
    public void A_trained_model_is_read_back_under_its_own_names()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var config = Config([.. ImageAttention.PaperLayers(3).Select(a => a with { Kernel = 5 })]);
        using var prior = Random(config);
        Tensors.Write(_folder.PathOf("model.safetensors"), prior.state_dict());
        File.WriteAllText(_folder.PathOf("config.json"), config.ToJson());

        using var loaded = Load();

        Assert.Equal(config.Attention, loaded.Config.Attention);
        Assert.Equal(config with { Attention = [] }, loaded.Config with { Attention = [] });
        Tensors.AssertAgree(prior.forward(Captions(), Pictures()).Image, loaded.forward(Captions(), Pictures()).Image, 0);
    }

    [Theory]
    [InlineData("blocks.1.attn.out_proj.bias", "", "blocks.1.attn.out_proj.bias is missing")]
    [InlineData("text_padding", "text_paddings", "text_padding is missing")]
    [InlineData("image_head.bias", "image_head.scale", "image_head.bias is missing")]
    [InlineData("", "extra.weight", "extra.weight is no part of this model")]
    [InlineData("ln_final.weight", "ln_final.weight", "ln_final.weight should be [8], it is [3]")]
    public void A_missing_extra_or_misshapen_tensor_is_named(string remove, string add, string problem)
    {
        using var scope = NewDisposeScope();
        using var prior = Random(Config(ImageAttention.PaperLayers(2)));
        var tensors = prior.state_dict();
        tensors.Remove(remove);
        if (add.Length > 0)
        {
            tensors[add] = zeros(3);
        }

        Tensors.Write(_folder.PathOf("model.safetensors"), tensors);
        File.WriteAllText(_folder.PathOf("config.json"), """{"heads": 2}""");
        var refused = Assert.Throws<ModelFormatException>(() => Load().Dispose());

        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
        Assert.Contains("model.safetensors", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"heads": 3}""", "3 heads for a width of 8")]
    [InlineData("""{"heads": 2, "attention": ["row"]}""", "1 patterns for 2 layers")]
    [InlineData("""{"heads": 2, "attention": ["row", "diagonal"]}""", "attention pattern diagonal is unknown")]
    [InlineData("""{"heads": 2, "kernel": 4}""", "a kernel of 4")]
    [InlineData("""{"heads": "two"}""", "config.json")]
    [InlineData("[", "config.json")]
    public void A_configuration_that_does_not_fit_is_refused(string json, string problem)
    {
        using var scope = NewDisposeScope();
        using var prior = Random(Config(ImageAttention.PaperLayers(2)));
        Tensors.Write(_folder.PathOf("model.safetensors"), prior.state_dict());
        File.WriteAllText(_folder.PathOf("config.json"), json);

        var refused = Assert.Throws<ModelFormatException>(() => Load().Dispose());

        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    private static PriorConfig Config(IReadOnlyList<ImageAttention> attention) => new(8, 2, 12, 7, 6, Grid, attention);

    private static Prior Random(PriorConfig config)
    {
        using var source = new RandomSource(5);
        return new Prior(source, config);
    }

    private static Tensor Captions() => tensor([2L, 4, 3, -1, -1, -1, 2, 5, 1, 0, 3, -1], [2, 6]);

    private static Tensor Pictures()
    {
        using var generator = new Generator(8);
        return randint(0, Grid.Vocabulary, [2, Grid.Length], generator: generator);
    }

    private static IEnumerable<double> Surprise(Tensor logits, Tensor tokens) =>
        Tensors.Numbers(-nn.functional.log_softmax(logits, 2).gather(2, tokens.clamp(0).unsqueeze(2)));

    private static void AssertCacheAgrees(PriorConfig config, int candidates, int known)
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        using var prior = Random(config);
        using var generator = new Generator(3);
        var text = Captions();
        var image = randint(0, Grid.Vocabulary, [candidates, Grid.Length], generator: generator);
        if (known > 0)
        {
            image.narrow(1, 0, known).copy_(image[0].narrow(0, 0, known).expand(candidates, known));
        }

        // Both captions, with every candidate.
        var expected = prior.forward(
            text.repeat_interleave(candidates, 0), image.repeat(2, 1)).Image.view(2, candidates, Grid.Length, Grid.Vocabulary);

        var top = Tensors.Integers(image[0].narrow(0, 0, known)).Select(id => (int)id);
        using var decoding = new PriorDecoding(prior, text, candidates, [.. top]);
        Assert.Equal(known, decoding.Position);
        for (var position = known; position < Grid.Length; position++)
        {
            var logits = decoding.Next(position == known ? null : image.select(1, position - 1));
            Tensors.AssertAgree(expected.select(2, position), logits, 1e-5);
        }
    }

    private Prior Load()
    {
        using var file = Checkpoint.Open(_folder.PathOf("model.safetensors"));
        using var weights = new StoredWeights(file, CPU, ScalarType.Float32);
        var prior = new Prior(weights, PriorConfig.Read(weights));
        weights.RequireAllTaken();
        return prior;
    }
}
