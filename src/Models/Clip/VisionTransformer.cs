using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Models.Clip;

/// <summary>An image tower: [N, 3, S, S] to [N, E].</summary>
internal abstract class ImageTower(string name) : nn.Module<Tensor, Tensor>(name)
{
    /// <summary>What the last layer gives for every position: [N, T, D]. Only a transformer has it.</summary>
    internal abstract Tensor? LastHidden(Tensor pixels);

    /// <summary>Moves the tower to a device, and converts what is computed in its precision.</summary>
    internal virtual void Place(Device device, ScalarType type) => this.to(device, type);

    /// <summary>Whether a pass in training changes running statistics, where there are such. It does until told otherwise.</summary>
    internal virtual void MoveStatistics(bool moves)
    {
    }
}

/// <summary>CLIP's vision transformer (openai/CLIP model.py, VisionTransformer).</summary>
internal sealed class VisionTransformer : ImageTower
{
    private readonly VisionTransformerConfig _config;
    private readonly Norm _normBefore;
    private readonly Norm _normAfter;
    private readonly Transformer _transformer;

    internal VisionTransformer(WeightSource source, ClipConfig clip)
        : base(nameof(VisionTransformer))
    {
        _config = clip.Vision!;
        var (width, patch, grid) = (_config.Transformer.Width, _config.Patch, clip.ImageSize / _config.Patch);
        register_parameter("conv1.weight", source.Parameter("visual.conv1.weight", width, 3, patch, patch));
        register_parameter("class_embedding", source.Parameter("visual.class_embedding", width));
        register_parameter("positional_embedding", source.Parameter("visual.positional_embedding", (long)grid * grid + 1, width));
        register_parameter("proj", source.Parameter("visual.proj", width, clip.EmbedDim));
        _normBefore = new Norm(source, "visual.ln_pre", width, _config.Transformer.NormEps);
        _transformer = new Transformer(source, "visual.transformer", _config.Transformer, clip.Activation);
        _normAfter = new Norm(source, "visual.ln_post", width, _config.Transformer.NormEps);
        register_module("ln_pre", _normBefore);
        register_module("transformer", _transformer);
        register_module("ln_post", _normAfter);
    }

    public override Tensor forward(Tensor pixels) =>
        _normAfter.forward(LastHidden(pixels).select(1, 0)).matmul(get_parameter("proj")!); // the class token: [N, D] -> [N, E]

    internal override Tensor LastHidden(Tensor pixels)
    {
        var (batch, width, patch) = (pixels.size(0), (long)_config.Transformer.Width, (long)_config.Patch);
        var grid = pixels.size(2) / patch;

        // A convolution whose stride is its kernel is one matrix product over the patches.
        var patches = pixels.reshape(batch, 3, grid, patch, grid, patch).permute(0, 2, 4, 1, 3, 5).reshape(batch, grid * grid,
            3 * patch * patch);
        var x = nn.functional.linear(patches, get_parameter("conv1.weight")!.view(width, -1)); // [N, G*G, D]
        x = cat([get_parameter("class_embedding")!.expand(batch, 1, width), x], 1) + get_parameter("positional_embedding")!;
        return _transformer.forward(_normBefore.forward(x), null); // [N, G*G + 1, D]
    }
}
