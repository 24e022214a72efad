using Sightline.Models.Generation;
using Sightline.Models.Weights;
using Sightline.TestKit;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Models.Tests.Generation;

public sealed class MinDalleTests : IDisposable
{
    // The reference's: rows of its decoder's table, and what its first token is predicted from.
    private const int Rows = 129;
    private const int StartToken = 127;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SharedFact]
    public void The_encoder_agrees_with_the_reference()
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        using var expected = Checkpoint.Open(SharedData.PathOf("golden", "min-dalle", "expected_encoder.safetensors"));
        var (model, encoder) = LoadReference();
        using var loaded = model;
        var ids = Tensors.Stored(expected, "text_tokens");

        Tensors.AssertAgree(Tensors.Stored(expected, "encoder_state"), encoder.Encode(ids, model.Mask(ids)));
    }

    [SharedTheory]
    [InlineData(1)]
    [InlineData(3)]
    public void Greedy_steps_agree_with_the_reference(int candidates)
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        using var text = Checkpoint.Open(SharedData.PathOf("golden", "min-dalle", "expected_encoder.safetensors"));
        using var expected = Checkpoint.Open(SharedData.PathOf("golden", "min-dalle", "expected_decoder.safetensors"));
        var (model, _) = LoadReference();
        using var loaded = model;
        var tokens = Tensors.Integers(Tensors.Stored(expected, "tokens"));
        var guided = Tensors.Stored(expected, "guided_logits");
        Assert.Equal(StartToken, tokens[0]);

        // The reference's first row is the one without the caption; here it is the second.
        var rows = Tensors.Stored(text, "text_tokens").split(1);
        using var decoding = model.Begin(cat([rows[1], rows[0]]), candidates);
        for (var step = 0; step < 24; step++)
        {
            var logits = decoding.Next(step == 0 ? null : full([candidates], tokens[step], ScalarType.Int64));
            var actual = TokenSampler.Guide(logits, 16);
            Tensors.AssertAgree(guided[step].expand(candidates, Rows), actual);
            Assert.All(Tensors.Integers(actual.argmax(-1)), token => Assert.Equal(tokens[step + 1], token));
        }
    }

    [Fact]
    public void Pictures_come_from_a_folder_as_published()
    {
        using var generator = Load();
        var options = generator.Defaults with { Count = 3, Seed = 2, TopK = 20 };

        var images = Generate(generator, "a red ball", options);

        Assert.Equal(16, generator.Defaults.Guidance);
        Assert.False(generator.CanTokenize);
        Assert.All(images, i => Assert.Equal((8, 8), (i.Image.Width, i.Image.Height)));
        Assert.All(images, i => Assert.All(i.Tokens.Values.ToArray(), token => Assert.InRange(token, 0, 23)));
        Assert.Equal(3, images.Select(Tokens).Distinct().Count());
        Assert.Equal(images.Select(Tokens), Generate(generator, "a red ball", options).Select(Tokens));
        Assert.Equal(Tokens(images[0]), Tokens(Generate(generator, "a red ball", options with { Count = 1 })[0]));
        Assert.NotEqual(Tokens(images[0]), Tokens(Generate(generator, "a blue ball", options)[0]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("собака в шляпе 犬 🐶")]
    public void Any_caption_is_drawn(string caption)
    {
        using var generator = Load();
        Assert.Single(Generate(generator, caption, new SamplingOptions(Guidance: 2)));
        Assert.Single(Generate(generator, caption + new string('a', 10_000), new SamplingOptions(Guidance: 2)));
    }

    [Fact]
    public void Given_tokens_stay_and_those_after_follow_from_them()
    {
        using var generator = Load();
        var start = Generate(generator, "a red ball", new SamplingOptions(Seed: 1))[0].Tokens;
        var request = new GenerationRequest("a dog", new SamplingOptions(2, 4, Guidance: 2), FixedTokens.TopRows(start, 2));

        var images = generator.Generate(request, null, CancellationToken.None);

        Assert.All(images, i => Assert.Equal(start.Values[..8], i.Tokens.Values[..8]));
        var free = Generate(generator, "a dog", new SamplingOptions(2, 4, Guidance: 2));
        Assert.NotEqual(free[0].Tokens.Values[8..].ToArray(), images[0].Tokens.Values[8..].ToArray());
    }

    [Fact]
    public void A_mini_model_is_found_by_its_names_and_may_leave_out_scales_of_one()
    {
        TinyModels.WriteMinDalle(_folder.Path, suffix: "_mini", leaveOutOnes: true);
        using var generator = ImageGenerator.Load(_folder.Path, TinyModels.Cpu);
        Assert.Single(Generate(generator, "a red ball", new SamplingOptions()));
    }

    [Theory]
    [InlineData("decoder.pt", "layers.1.encoder_attn.k_proj.weight", "", "layers.1.encoder_attn.k_proj.weight is missing")]
    [InlineData("decoder.pt", "layernorm_embedding.weight", "", "layernorm_embedding.weight is missing")]
    [InlineData("encoder.pt", "", "layers.0.encoder_attn.k_proj.weight", "layers.0.encoder_attn.k_proj.weight is no part of this model")]
    [InlineData("encoder.pt", "layers.0.glu.ln1.bias", "layers.0.glu.ln1.bias", "layers.0.glu.ln1.bias should be [12], it is [3]")]
    [InlineData("detoker.pt", "decoder.conv_out.bias", "", "decoder.conv_out.bias is missing")]
    [InlineData("detoker.pt", "", "quant_conv.weight", "quant_conv.weight is no part of this model")]
    public void A_missing_extra_or_misshapen_tensor_is_named(string file, string remove, string add, string problem)
    {
        TinyModels.WriteMinDalle(_folder.Path);
        TinyModels.Change(_folder.PathOf(file), remove, add);

        var refused = Assert.Throws<ModelFormatException>(() => ImageGenerator.Load(_folder.Path, TinyModels.Cpu));

        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
        Assert.Contains(file, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"encoder_attention_heads": 2, "decoder_attention_heads": 2, "decoder_start_token_id": 26}""", "begun by 26")]
    [InlineData("""{"encoder_attention_heads": 2, "decoder_attention_heads": 2}""", "begun by 16384")]
    [InlineData("""{"encoder_attention_heads": 3}""", "a width of 16 does not divide into 3 heads")]
    [InlineData("""{"encoder_attention_heads": true}""", "config.json")]
    public void A_configuration_that_does_not_fit_is_refused(string json, string problem)
    {
        TinyModels.WriteMinDalle(_folder.Path);
        File.WriteAllText(_folder.PathOf("config.json"), json);

        var refused = Assert.Throws<ModelFormatException>(() => ImageGenerator.Load(_folder.Path, TinyModels.Cpu));

        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Steps_leave_no_tensor_behind()
    {
        var start = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var generator = Load())
        {
            var loaded = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            Generate(generator, "a dog", new SamplingOptions(2, Guidance: 2));
            Assert.Equal(loaded, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(start, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    // The reference has no tokenizer and 128 image tokens; its table's last row is kept here to compare all logits.
    private static (MinDalleModel Model, BartEncoder Encoder) LoadReference()
    {
        using var encoderFile = Checkpoint.Open(SharedData.PathOf("golden", "min-dalle", "encoder.pt"));
        using var decoderFile = Checkpoint.Open(SharedData.PathOf("golden", "min-dalle", "decoder.pt"));
        using var encoderWeights = new StoredWeights(encoderFile, CPU, ScalarType.Float32);
        using var decoderWeights = new StoredWeights(decoderFile, CPU, ScalarType.Float32);
        var (encoder, decoder) = MinDalleFolder.LoadHalves(encoderWeights, decoderWeights, new MinDalleSettings(4, 4));
        return (new MinDalleModel(encoder, decoder, (_, _) => [], 1, new TokenGrid(16, 16, Rows), StartToken), encoder);
    }

    private static IReadOnlyList<GeneratedImage> Generate(ImageGenerator generator, string caption, SamplingOptions options) =>
        generator.Generate(new GenerationRequest(caption, options), null, CancellationToken.None);

    private static string Tokens(GeneratedImage image) => string.Join(' ', image.Tokens.Values.ToArray());

    private ImageGenerator Load()
    {
        TinyModels.WriteMinDalle(_folder.Path);
        return ImageGenerator.Load(_folder.Path, TinyModels.Cpu);
    }
}
