using Sightline.Models.Clip;
using Sightline.Models.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>Pixels to logits over the codes: [N, C, H, W] to [N, V, H/f, W/f] (dall_e/encoder.py).</summary>
internal sealed class DvaeEncoder : nn.Module<Tensor, Tensor>
{
    private static readonly int[] Kernels = [3, 3, 3, 1];

    private readonly DvaeConv _input;
    private readonly Sequential[] _groups;
    private readonly DvaeReluConv _output;

    internal DvaeEncoder(WeightSource source, DvaeConfig config)
        : base(nameof(DvaeEncoder))
    {
        _input = new DvaeConv(source, "blocks.input", config.Channels, config.Hidden, config.InputKernel);
        _groups = new Sequential[config.Groups];
        for (var group = 0; group < config.Groups; group++)
        {
            _groups[group] = DvaeLayout.Group(source, group, config.Width(Math.Max(0, group - 1)), config.Width(group), Kernels, config);
        }

        _output = new DvaeReluConv(source, "blocks.output.conv", config.Width(config.Groups - 1), config.Vocabulary, 1);
        register_module("blocks", DvaeLayout.Blocks(_input, _groups, _output));
    }

    /// <param name="pixels">Mapped into (0, 1) by <see cref="LogitLaplace.MapPixels"/>; sides that the factor divides.</param>
    public override Tensor forward(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        var x = _input.forward(pixels);
        for (var group = 0; group < _groups.Length; group++)
        {
            x = _groups[group].forward(group == 0 ? x : nn.functional.max_pool2d(x, 2));
        }

        return _output.forward(x).MoveToOuterDisposeScope();
    }
}

/// <summary>Codes to the means and log scales of the pixels: [N, V, h, w] to [N, 2 C, f h, f w] (dall_e/decoder.py).</summary>
internal sealed class DvaeDecoder : nn.Module<Tensor, Tensor>
{
    private static readonly int[] Kernels = [1, 3, 3, 3];

    private readonly DvaeConv _input;
    private readonly Sequential[] _groups;
    private readonly DvaeReluConv _output;

    internal DvaeDecoder(WeightSource source, DvaeConfig config)
        : base(nameof(DvaeDecoder))
    {
        _input = new DvaeConv(source, "blocks.input", config.Vocabulary, config.Initial, 1);
        _groups = new Sequential[config.Groups];
        for (var group = 0; group < config.Groups; group++)
        {
            var width = config.Width(config.Groups - 1 - group);
            _groups[group] = DvaeLayout.Group(source, group, group == 0 ? config.Initial : width * 2, width, Kernels, config);
        }

        _output = new DvaeReluConv(source, "blocks.output.conv", config.Hidden, 2 * config.Channels, 1);
        register_module("blocks", DvaeLayout.Blocks(_input, _groups, _output));
    }

    /// <param name="weights">[N, V, h, w]: how much of each code is at each position; one-hot, or relaxed in training.</param>
    public override Tensor forward(Tensor weights)
    {
        using var scope = NewDisposeScope();
        return Grow(_input.forward(weights)).MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="forward"/> of a one-hot, whose first convolution is a look-up.</summary>
    /// <param name="codes">[N, h, w], int64.</param>
    internal Tensor Decode(Tensor codes)
    {
        using var scope = NewDisposeScope();
        var (n, h, w) = (codes.size(0), codes.size(1), codes.size(2));
        var table = _input.get_parameter("w")!;
        var columns = table.view(table.size(0), -1).index_select(1, codes.flatten()).view(-1, n, h, w); // [I, N, h, w]
        var x = columns.permute(1, 0, 2, 3) + _input.get_parameter("b")!.view(1, -1, 1, 1);
        return Grow(x.contiguous()).MoveToOuterDisposeScope();
    }

    private Tensor Grow(Tensor x)
    {
        for (var group = 0; group < _groups.Length; group++)
        {
            x = _groups[group].forward(group == 0 ? x : nn.functional.interpolate(x, scale_factor: [2, 2]));
        }

        return _output.forward(x);
    }
}

/// <summary>
/// The discrete variational autoencoder of DALL-E (Ramesh et al., arXiv 2102.12092, section 2.1 and appendix A): pictures to a grid of
/// codes and back.
/// </summary>
internal sealed class Dvae : IDetokenizer
{
    internal Dvae(WeightSource encoder, WeightSource decoder, DvaeConfig config)
    {
        Config = config;
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        Encoder = new DvaeEncoder(encoder, config);
        Decoder = new DvaeDecoder(decoder, config);
    }

    public int Factor => Config.Factor;

    public int Vocabulary => Config.Vocabulary;

    public bool HasEncoder => true;

    internal DvaeConfig Config { get; }

    internal DvaeEncoder Encoder { get; }

    internal DvaeDecoder Decoder { get; }

    internal ScalarType Type => Encoder.parameters().First().dtype;

    /// <summary>Loads an encoder and a decoder as OpenAI publishes them, or the same tensors as safetensors.</summary>
    /// <returns>The model in float32, and the digests of both files' tensors.</returns>
    /// <exception cref="ModelFormatException">A file is damaged, or a tensor is missing, too many or of the wrong shape; names
    /// it.</exception>
    internal static (Dvae Model, byte[][] Digests) Load(string encoderPath, string decoderPath, Device device)
    {
        using var encoderFile = Checkpoint.Open(encoderPath);
        using var decoderFile = Checkpoint.Open(decoderPath);
        using var encoder = new StoredWeights(encoderFile, device, ScalarType.Float32);
        using var decoder = new StoredWeights(decoderFile, device, ScalarType.Float32);
        var model = new Dvae(encoder, decoder, DvaeConfig.From(encoder, decoder));
        encoder.RequireAllTaken();
        decoder.RequireAllTaken();
        return (model, [encoder.Digest, decoder.Digest]);
    }

    /// <param name="pixels">[N, C, H, W] in [0, 1].</param>
    /// <returns>Logits over the codes, [N, V, H/f, W/f].</returns>
    internal Tensor Encode(Tensor pixels)
    {
        using var mapped = LogitLaplace.MapPixels(pixels);
        using var rounded = mapped.to(Type);
        return Encoder.forward(rounded);
    }

    /// <summary>The likeliest code of each position, as the prior is trained on: no noise (paper, section 2.2).</summary>
    /// <inheritdoc/>
    public Tensor Codes(Tensor pixels)
    {
        using var logits = Encode(pixels);
        return logits.argmax(1);
    }

    /// <summary>The likeliest pixels.</summary>
    /// <inheritdoc/>
    public Tensor Decode(Tensor codes)
    {
        using var statistics = Decoder.Decode(codes);
        using var full = statistics.to(ScalarType.Float32);
        return LogitLaplace.Reconstruct(full);
    }

    public void Dispose()
    {
        Encoder.Dispose();
        Decoder.Dispose();
    }
}

/// <summary>The names of both halves' parts: <c>blocks.input</c>, <c>blocks.group_1.block_1</c>, ..., <c>blocks.output.conv</c>.</summary>
file static class DvaeLayout
{
    internal static Sequential Group(WeightSource source, int group, int inputs, int outputs, int[] kernels, DvaeConfig config) =>
        nn.Sequential([.. Enumerable.Range(1, config.BlocksPerGroup).Select(block =>
        {
            var (name, from) = ($"blocks.group_{group + 1}.block_{block}", block == 1 ? inputs : outputs);
            nn.Module<Tensor, Tensor> module = new DvaeBlock(source, name, from, outputs, kernels, config.ResidualGain);
            return ($"block_{block}", module);
        })]);

    internal static Sequential Blocks(DvaeConv input, Sequential[] groups, DvaeReluConv output) => nn.Sequential(
    [
        ("input", input),
        .. groups.Select((group, i) => ($"group_{i + 1}", (nn.Module<Tensor, Tensor>)group)),
        ("output", nn.Sequential(("conv", output))),
    ]);
}
