using System.Text.Json;
using Sightline.Models.Clip;
using Sightline.Models.Generation;
using Sightline.Models.Weights;
using Sightline.TestKit;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Models.Tests.Generation;

public sealed class VqganTests : IDisposable
{
    private static readonly VqganConfig Small = new(24, 6, 8, [new(32, false), new(64, true)], 2);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SharedFact]
    public void Names_and_shapes_are_those_of_the_published_detokenizer()
    {
        var expected = JsonSerializer.Deserialize<Dictionary<string, long[]>>(
            File.ReadAllText(SharedData.PathOf("golden", "min-dalle", "detoker_shapes.json")))!;
        var source = new CountingSource();
        using var model = new Vqgan(source, VqganConfig.F16, isSigned: false);

        Assert.Equal(
            expected.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key} [{string.Join(", ", e.Value)}]"),
            source.Shapes.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key} [{string.Join(", ", s.Value)}]"));
    }

    [Fact]
    public void The_published_size_has_46_709_891_numbers()
    {
        var source = new CountingSource();
        using var model = new Vqgan(source, VqganConfig.F16, isSigned: false);
        Assert.Equal(46_709_891, source.Numbers);
    }

    [Fact]
    public void The_published_size_makes_256_pixels_of_16_codes()
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        using var source = new RandomSource(3);
        using var model = new Vqgan(source, VqganConfig.F16, isSigned: false);

        var pixels = model.Decode(Tensors.Codes(16384, 1, 16, 16));

        Assert.Equal([1, 3, 256, 256], pixels.shape);
        Assert.InRange(pixels.min().ToDouble(), 0, 1);
        Assert.InRange(pixels.max().ToDouble(), 0, 1);
        Assert.True(pixels.std().ToDouble() > 0.01);
    }

    [Fact]
    public void Signed_pixels_are_brought_to_zero_to_one()
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        var codes = Tensors.Codes(24, 2, 3, 4);
        using var plainSource = new RandomSource(3);
        using var signedSource = new RandomSource(3);
        using var plain = new Vqgan(plainSource, Small, isSigned: false);
        using var signed = new Vqgan(signedSource, Small, isSigned: true);
        var vectors = plain.get_parameter("embedding.weight")![codes].permute(0, 3, 1, 2).contiguous();
        var raw = plain.forward(vectors);

        Assert.Equal([2, 3, 6, 8], raw.shape);
        Tensors.AssertAgree(raw.clamp(0, 1), plain.Decode(codes), 1e-6);
        Tensors.AssertAgree((raw / 2 + 0.5).clamp(0, 1), signed.Decode(codes), 1e-6);
    }

    [Fact]
    public void A_written_model_is_read_back_with_its_sizes()
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        using var source = new RecordingSource(3);
        using var model = new Vqgan(source, Small, isSigned: false);
        Tensors.Write(_folder.PathOf("detoker.safetensors"), source.Taken);
        var codes = Tensors.Codes(24, 1, 3, 3);

        using var file = Checkpoint.Open(_folder.PathOf("detoker.safetensors"));
        using var weights = new StoredWeights(file, CPU, ScalarType.Float32);
        var config = VqganConfig.Read(weights, "embedding.weight");
        using var loaded = new Vqgan(weights, config, isSigned: false);
        weights.RequireAllTaken();

        Assert.Equal(Small.Levels, config.Levels);
        Assert.Equal(Small with { Levels = [] }, config with { Levels = [] });
        Tensors.AssertAgree(model.Decode(codes), loaded.Decode(codes), 0);
    }
}
