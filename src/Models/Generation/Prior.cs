using Sightline.Models.Clip;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>
/// DALL-E's prior: a transformer that models a caption's tokens and then a picture's as one stream, each from those before it (Ramesh et
/// al., arXiv 2102.12092, section 2.2 and appendix B). Text positions after the caption's end hold a padding vector of their own each.
/// </summary>
internal sealed class Prior : nn.Module<Tensor, Tensor, (Tensor Text, Tensor Image)>
{
    /// <summary>Stands where a caption has no token.</summary>
    internal const int Padding = -1;

    private readonly ModuleList<PriorBlock> _blocks;
    private readonly Norm _norm;
    private readonly Norm? _logitNorm;
    private readonly Affine _textHead;
    private readonly Affine _imageHead;

    internal Prior(WeightSource source, PriorConfig config)
        : base(nameof(Prior))
    {
        Config = config;
        var (width, grid) = (config.Width, config.Grid);
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        Take("text_embedding.weight", config.TextVocabulary);
        Take("text_padding", config.TextLength);
        Take("text_position", config.TextLength);
        Take("image_embedding.weight", grid.Vocabulary);
        Take("row_position", grid.Rows);
        Take("column_position", grid.Columns);
        _blocks = nn.ModuleList([.. config.Attention.Select((_, i) => new PriorBlock(source, $"blocks.{i}", config))]);
        _norm = new Norm(source, "ln_final", width, PriorConfig.NormEps);
        _logitNorm = config.LogitNorm ? new Norm(source, "ln_logits", width, PriorConfig.NormEps) : null;
        _textHead = new Affine(source, "text_head", width, config.TextVocabulary);
        _imageHead = new Affine(source, "image_head", width, grid.Vocabulary);
        register_module("blocks", _blocks);
        register_module("ln_final", _norm);
        register_module("text_head", _textHead);
        register_module("image_head", _imageHead);
        if (_logitNorm is not null)
        {
            register_module("ln_logits", _logitNorm);
        }

        foreach (var attention in config.Attention.Distinct())
        {
            // The last image token is predicted, never read.
            var mask = attention.Mask(config.TextLength, grid, grid.Length - 1);
            register_buffer(MaskName(attention), mask.to(Type, Device), persistent: false);
        }

        void Take(string name, int rows) => register_parameter(name, source.Parameter(name, rows, width));
    }

    internal PriorConfig Config { get; }

    internal ScalarType Type => get_parameter("text_padding")!.dtype;

    internal Device Device => get_parameter("text_padding")!.device;

    /// <summary>Logits of every token but the first of the text, each from the tokens before it.</summary>
    /// <param name="text">[N, L], int64; <see cref="Padding"/> after the caption's end.</param>
    /// <param name="image">[N, P], int64, in raster order.</param>
    /// <returns>[N, L - 1, text vocabulary] and [N, P, image vocabulary].</returns>
    public override (Tensor Text, Tensor Image) forward(Tensor text, Tensor image)
    {
        using var scope = NewDisposeScope();
        var (length, tokens) = ((long)Config.TextLength, (long)Config.Grid.Length);
        using var positions = ImagePositions();
        var seen = EmbedImage(image.narrow(1, 0, tokens - 1), positions.narrow(0, 0, tokens - 1));
        var hidden = Run(cat([EmbedText(text), seen], 1), layer =>
            (query, key, value) => nn.functional.scaled_dot_product_attention(query, key, value, Mask(layer)));
        var textLogits = TextLogits(hidden.narrow(1, 0, length - 1));
        var imageLogits = ImageLogits(hidden.narrow(1, length - 1, tokens));
        return (textLogits.MoveToOuterDisposeScope(), imageLogits.MoveToOuterDisposeScope());
    }

    /// <param name="ids">[N, L].</param>
    /// <returns>[N, L, D].</returns>
    internal Tensor EmbedText(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var words = get_parameter("text_embedding.weight")!.index_select(0, ids.clamp(0).flatten()).view(ids.size(0), -1, Config.Width);
        var padded = where(ids.lt(0).unsqueeze(-1), get_parameter("text_padding")!, words);
        return (padded + get_parameter("text_position")!).MoveToOuterDisposeScope();
    }

    /// <param name="ids">[N, T].</param>
    /// <param name="positions">[T, D], of <see cref="ImagePositions"/>.</param>
    /// <returns>[N, T, D].</returns>
    internal Tensor EmbedImage(Tensor ids, Tensor positions)
    {
        using var scope = NewDisposeScope();
        var tokens = get_parameter("image_embedding.weight")!.index_select(0, ids.flatten()).view(ids.size(0), -1, Config.Width);
        return (tokens + positions).MoveToOuterDisposeScope();
    }

    /// <summary>Row vector plus column vector of every position: [P, D].</summary>
    internal Tensor ImagePositions()
    {
        using var scope = NewDisposeScope();
        var sums = get_parameter("row_position")!.unsqueeze(1) + get_parameter("column_position")!.unsqueeze(0);
        return sums.view(-1, Config.Width).MoveToOuterDisposeScope();
    }

    /// <summary>What the blocks make of [M, T, D], before the final norm.</summary>
    /// <param name="attend">Gives each layer, by its number, its way to attend.</param>
    internal Tensor Run(Tensor x, Func<int, Attend> attend)
    {
        for (var layer = 0; layer < _blocks.Count; layer++)
        {
            x = _blocks[layer].forward(x, attend(layer));
        }

        return x;
    }

    /// <summary>[T, T], what layer <paramref name="layer"/> adds to its scores.</summary>
    internal Tensor Mask(int layer) => get_buffer(MaskName(Config.Attention[layer]))!;

    internal Tensor TextLogits(Tensor hidden) => _textHead.forward(Final(hidden));

    internal Tensor ImageLogits(Tensor hidden) => _imageHead.forward(Final(hidden));

    private static string MaskName(ImageAttention attention) => $"mask_{attention.Pattern}_{attention.Kernel}";

    private Tensor Final(Tensor hidden)
    {
        var normed = _norm.forward(hidden);
        return _logitNorm?.forward(normed) ?? normed;
    }
}
