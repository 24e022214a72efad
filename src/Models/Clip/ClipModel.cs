using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Models.Clip;

/// <summary>CLIP's text tower: token ids [N, T] to [N, E] (openai/CLIP model.py, encode_text).</summary>
internal sealed class TextTower : nn.Module<Tensor, Tensor>
{
    private readonly ClipConfig _config;
    private readonly Transformer _transformer;
    private readonly Norm _norm;

    internal TextTower(WeightSource source, ClipConfig config)
        : base(nameof(TextTower))
    {
        _config = config;
        var width = config.Text.Width;
        register_parameter("token_embedding.weight", source.Parameter("token_embedding.weight", config.VocabularySize, width));
        register_parameter("positional_embedding", source.Parameter("positional_embedding", config.ContextLength, width));
        register_parameter("text_projection", source.Parameter("text_projection", width, config.EmbedDim));
        _transformer = new Transformer(source, "transformer", config.Text, config.Activation);
        _norm = new Norm(source, "ln_final", width, config.Text.NormEps);
        register_module("transformer", _transformer);
        register_module("ln_final", _norm);
        register_buffer("mask", full([config.ContextLength, config.ContextLength], double.NegativeInfinity).triu(1));
    }

    public override Tensor forward(Tensor ids)
    {
        var hidden = LastHidden(ids);

        // The first end token: argmax gives the first of equal values.
        var end = _config.EndToken is { } token ? ids.eq(token).to(ScalarType.Int64).argmax(1) : ids.argmax(1);
        var index = end.view(-1, 1, 1).expand(ids.size(0), 1, _config.Text.Width);
        return hidden.gather(1, index).squeeze(1).matmul(get_parameter("text_projection")!); // [N, D] -> [N, E]
    }

    /// <summary>What the final norm gives for every position: [N, T, D]. Attention is causal, so positions after the end change
    /// nothing.</summary>
    internal Tensor LastHidden(Tensor ids)
    {
        var (batch, tokens) = (ids.size(0), ids.size(1));
        var words = get_parameter("token_embedding.weight")!.index_select(0, ids.flatten()).view(batch, tokens, -1);
        var x = words + get_parameter("positional_embedding")!.narrow(0, 0, tokens);
        var mask = get_buffer("mask")!.narrow(0, 0, tokens).narrow(1, 0, tokens);
        return _norm.forward(_transformer.forward(x, mask));
    }
}

/// <summary>
/// Contrastive Language-Image Pretraining (Radford et al., arXiv 2103.00020): two towers into one space, and the temperature that turns
/// their cosine similarities into logits.
/// </summary>
internal sealed class ClipModel : IDisposable
{
    internal ClipModel(WeightSource source, ClipConfig config)
    {
        Config = config;
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        Text = new TextTower(source, config);
        Image = config.Vision is not null ? new VisionTransformer(source, config) : new ModifiedResNet(source, config);
        Text.eval();
        Image.eval();
        LogitScale = Math.Exp(source.Take("logit_scale").ToDouble());
    }

    internal ClipConfig Config { get; }

    internal TextTower Text { get; }

    internal ImageTower Image { get; }

    /// <summary>What cosine similarities are multiplied by; about 100 in released models.</summary>
    internal double LogitScale { get; }

    internal ScalarType Type { get; private set; } = ScalarType.Float32;

    internal Device Device { get; private set; } = CPU;

    internal void MoveTo(Device device, ScalarType type)
    {
        if (device.type == DeviceType.CPU)
        {
            // libtorch on its own may settle for one (Debian's does where OpenBLAS has its own threads).
            set_num_threads(Environment.ProcessorCount);
        }

        Text.to(device, type);
        Image.Place(device, type);
        (Device, Type) = (device, type);
    }

    /// <param name="pixels">[N, 3, S, S], preprocessed, of any type.</param>
    /// <returns>[N, E] in float32, before normalisation.</returns>
    internal Tensor EmbedImages(Tensor pixels) => Image.forward(pixels.to(Type, Device)).to(ScalarType.Float32);

    /// <param name="ids">[N, T] with T at most the context length.</param>
    /// <returns>[N, E] in float32, before normalisation.</returns>
    internal Tensor EmbedTexts(Tensor ids) => Text.forward(ids.to(Device)).to(ScalarType.Float32);

    public void Dispose()
    {
        Text.Dispose();
        Image.Dispose();
    }
}
