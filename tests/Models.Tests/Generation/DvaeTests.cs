using System.IO.Compression;
using System.Text;
using Sightline.Models.Clip;
using Sightline.Models.Generation;
using Sightline.Models.Weights;
using Sightline.TestKit;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Models.Tests.Generation;

public sealed class DvaeTests : IDisposable
{
    private static readonly DvaeConfig Small = new(Vocabulary: 12, Hidden: 4, Initial: 5, Groups: 2, BlocksPerGroup: 1, InputKernel: 3);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SharedTheory]
    [InlineData("encoder.pkl", "decoder.pkl")]
    [InlineData("encoder.safetensors", "decoder.safetensors")]
    public void Outputs_agree_with_the_reference(string encoder, string decoder)
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        using var expected = Checkpoint.Open(Golden("expected.safetensors"));
        var (model, _) = Dvae.Load(Golden(encoder), Golden(decoder), CPU);
        using var loaded = model;
        var pixels = Tensors.Stored(expected, "pixels");

        Tensors.AssertAgree(Tensors.Stored(expected, "encoder_logits"), model.Encode(pixels));
        var codes = model.Codes(pixels);
        Assert.Equal(Tensors.Integers(Tensors.Stored(expected, "codes")), Tensors.Integers(codes));
        Tensors.AssertAgree(Tensors.Stored(expected, "decoder_stats"), model.Decoder.Decode(codes));
        Tensors.AssertAgree(Tensors.Stored(expected, "reconstruction"), model.Decode(codes));
    }

    [SharedFact]
    public void Both_containers_of_the_same_weights_have_one_digest()
    {
        var digests = new[] { "pkl", "safetensors" }.Select(ending =>
        {
            var (model, digests) = Dvae.Load(Golden($"encoder.{ending}"), Golden($"decoder.{ending}"), CPU);
            model.Dispose();
            return Convert.ToHexString([.. digests.SelectMany(d => d)]);
        });

        Assert.Single(digests.Distinct());
    }

    [Fact]
    public void Sizes_are_those_that_OpenAI_published()
    {
        // 53,786,240 + 43,829,766 numbers; none of them is allocated here.
        var encoder = new CountingSource();
        var decoder = new CountingSource();
        using var model = new Dvae(encoder, decoder, new DvaeConfig());

        Assert.Equal(53_786_240, encoder.Numbers);
        Assert.Equal(43_829_766, decoder.Numbers);
        Assert.Equal(8, model.Config.Factor);
        Assert.Equal(1.0 / 64, model.Config.ResidualGain);
    }

    [Fact]
    public void Looking_codes_up_is_decoding_their_one_hot()
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        using var model = Random(Small);
        var codes = Tensors.Codes(12, 2, 3, 4);

        var oneHot = nn.functional.one_hot(codes, 12).permute(0, 3, 1, 2).to(ScalarType.Float32);

        Tensors.AssertAgree(model.Decoder.forward(oneHot), model.Decoder.Decode(codes), 1e-5);
    }

    [Fact]
    public void Pictures_of_any_shape_that_the_factor_divides_keep_their_shape()
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        using var model = Random(Small);
        var codes = model.Codes(Tensors.Uniform(2, 3, 6, 10));

        Assert.Equal([2, 3, 5], codes.shape);
        var pixels = model.Decode(codes);
        Assert.Equal([2, 3, 6, 10], pixels.shape);
        Assert.InRange(pixels.min().ToDouble(), 0, 1);
        Assert.InRange(pixels.max().ToDouble(), 0, 1);
    }

    [Fact]
    public void A_trained_model_is_read_back_under_its_own_names()
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        using var model = Random(Small);
        Save(model);

        var (loaded, _) = Dvae.Load(_folder.PathOf("encoder.safetensors"), _folder.PathOf("decoder.safetensors"), CPU);

        using (loaded)
        {
            Assert.Equal(Small, loaded.Config);
            var pixels = Tensors.Uniform(1, 3, 8, 8);
            Tensors.AssertAgree(model.Encode(pixels), loaded.Encode(pixels), 0);
        }
    }

    [Theory]
    [InlineData("blocks.group_2.block_1.id_path.w", "blocks.group_2.block_1.id_path.w is missing")]
    [InlineData("blocks.input.w", "blocks.input.w is missing")]
    public void A_missing_tensor_is_named(string left, string problem)
    {
        Save(encoder: tensors => tensors.Remove(left));
        AssertRefused(problem);
    }

    [Fact]
    public void A_tensor_too_many_is_named()
    {
        Save(encoder: tensors => tensors["blocks.group_1.block_1.id_path.w"] = ones([4, 4, 1, 1]));
        AssertRefused("blocks.group_1.block_1.id_path.w is no part of this model");
    }

    [Fact]
    public void A_misshapen_tensor_is_named_with_both_shapes()
    {
        Save(encoder: tensors => tensors["blocks.output.conv.b"] = ones([13]));
        AssertRefused("blocks.output.conv.b should be [12], it is [13]");
    }

    [Fact]
    public void A_pickle_that_names_a_program_runs_nothing()
    {
        var proof = _folder.PathOf("proof");
        WriteTorchArchive(_folder.PathOf("encoder.pkl"), [
            0x80, 2, .. "cposix\nsystem\n"u8, .. Text($"touch {proof}"), 0x85, (byte)'R', (byte)'.',
        ]);
        File.Copy(_folder.PathOf("encoder.pkl"), _folder.PathOf("decoder.pkl"));

        var refused = Assert.Throws<ModelFormatException>(
            () => Dvae.Load(_folder.PathOf("encoder.pkl"), _folder.PathOf("decoder.pkl"), CPU));

        Assert.Contains("blocks.input.w is missing", refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(proof));
    }

    [Fact]
    public void Encoding_and_decoding_leave_no_tensor_behind()
    {
        var start = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var model = Random(Small))
        {
            var loaded = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            using (var pixels = Tensors.Uniform(1, 3, 8, 8))
            using (no_grad())
            {
                for (var i = 0; i < 3; i++)
                {
                    using var codes = model.Codes(pixels);
                    model.Decode(codes).Dispose();
                }
            }

            Assert.Equal(loaded, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(start, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static string Golden(string file) => SharedData.PathOf("golden", "openai-dvae", file);

    private static Dvae Random(DvaeConfig config)
    {
        using var source = new RandomSource(5);
        return new Dvae(source, source, config);
    }

    private static byte[] Text(string text) => [(byte)'X', .. BitConverter.GetBytes(text.Length), .. Encoding.UTF8.GetBytes(text)];

    private static void WriteTorchArchive(string path, byte[] pickle)
    {
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        using var entry = zip.CreateEntry("archive/data.pkl", CompressionLevel.NoCompression).Open();
        entry.Write(pickle);
    }

    private void Save(Dvae model)
    {
        Tensors.Write(_folder.PathOf("encoder.safetensors"), model.Encoder.state_dict());
        Tensors.Write(_folder.PathOf("decoder.safetensors"), model.Decoder.state_dict());
    }

    private void Save(Action<Dictionary<string, Tensor>> encoder)
    {
        using var scope = NewDisposeScope();
        using var model = Random(Small);
        Save(model);
        var tensors = model.Encoder.state_dict();
        encoder(tensors);
        Tensors.Write(_folder.PathOf("encoder.safetensors"), tensors);
    }

    private void AssertRefused(string problem)
    {
        var refused = Assert.Throws<ModelFormatException>(
            () => Dvae.Load(_folder.PathOf("encoder.safetensors"), _folder.PathOf("decoder.safetensors"), CPU));
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
        Assert.Contains("encoder.safetensors", refused.Message, StringComparison.Ordinal);
    }
}

/// <summary>Counts what a model asks for and gives tensors without memory.</summary>
internal sealed class CountingSource : WeightSource
{
    internal Dictionary<string, long[]> Shapes { get; } = [];

    internal long Numbers => Shapes.Values.Sum(s => s.Aggregate(1L, (product, side) => product * side));

    internal override Tensor Take(string name, params long[] shape)
    {
        Shapes.Add(name, shape);
        return zeros(shape, device: device("meta"));
    }
}
