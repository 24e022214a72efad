using Sightline.Models.Weights;

namespace Sightline.Models.Clip;

/// <summary>Whose names a checkpoint uses.</summary>
internal enum WeightLayout
{
    /// <summary>openai/CLIP and open_clip.</summary>
    OpenAi,

    /// <summary>transformers' CLIPModel.</summary>
    HuggingFace,
}

/// <summary>
/// A checkpoint's tensors under openai/CLIP's names and in its shapes: Hugging Face's separate query, key and value are joined, its
/// Linear projections transposed, open_clip's nested text tower brought up.
/// </summary>
internal sealed class CanonicalWeights
{
    private static readonly (string HuggingFace, string OpenAi)[] Blocks =
    [
        ("layer_norm1", "ln_1"), ("layer_norm2", "ln_2"), ("self_attn.out_proj", "attn.out_proj"), ("mlp.fc1", "mlp.c_fc"),
            ("mlp.fc2", "mlp.c_proj"),
    ];

    private static readonly (string HuggingFace, string OpenAi)[] Renamed =
    [
        ("text_model.embeddings.token_embedding.weight", "token_embedding.weight"),
        ("text_model.embeddings.position_embedding.weight", "positional_embedding"),
        ("text_model.final_layer_norm.", "ln_final."),
        ("vision_model.embeddings.class_embedding", "visual.class_embedding"),
        ("vision_model.embeddings.patch_embedding.weight", "visual.conv1.weight"),
        ("vision_model.embeddings.position_embedding.weight", "visual.positional_embedding"),
        ("vision_model.pre_layrnorm.", "visual.ln_pre."), // spelt so in the files
        ("vision_model.pre_layernorm.", "visual.ln_pre."),
        ("vision_model.post_layernorm.", "visual.ln_post."),
        ("logit_scale", "logit_scale"),
    ];

    // A tensor that only another kind of model has, and that model's name.
    private static readonly (string Name, string Family)[] Foreign =
    [
        ("vision_model.head.probe", "SigLIP"), ("visual.trunk.", "open_clip model with a timm image tower"), ("logit_bias", "SigLIP"),
        ("image_encoder.model.", "MobileCLIP"), ("_image_encoder.", "TinyCLIP in its own layout"),
            ("text.transformer.embeddings.", "open_clip model with a Hugging Face text tower"),
        ("visual.attn_pool.", "CoCa"), ("text_decoder.", "CoCa"),
    ];

    private readonly string _path;
    private readonly Dictionary<string, (long[] Shape, Func<float[]> Read)> _tensors = [];

    private CanonicalWeights(string path, WeightLayout layout)
    {
        _path = path;
        Layout = layout;
    }

    internal WeightLayout Layout { get; }

    internal IEnumerable<string> Names => _tensors.Keys;

    /// <exception cref="ModelFormatException">The checkpoint is another kind of model.</exception>
    internal static CanonicalWeights From(Checkpoint checkpoint)
    {
        var names = checkpoint.Tensors.Keys;
        foreach (var (name, family) in Foreign)
        {
            if (names.Any(n => n.StartsWith(name, StringComparison.Ordinal)))
            {
                throw new ModelFormatException(checkpoint.Path,
                    $"this is a {family} ({name}...), which is not supported; CLIP's own layouts are.");
            }
        }

        if (names.Any(n => n.StartsWith("text_model.", StringComparison.Ordinal))
            || names.Any(n => n.StartsWith("vision_model.", StringComparison.Ordinal)))
        {
            return FromHuggingFace(checkpoint);
        }

        return names.Any(n => n.StartsWith("visual.", StringComparison.Ordinal))
            ? FromOpenAi(checkpoint)
            : throw new ModelFormatException(checkpoint.Path,
                $"this is no CLIP checkpoint: it has neither visual.* nor vision_model.*, but {string.Join(", ", names.Take(3))}.");
    }

    internal bool Has(string name) => _tensors.ContainsKey(name);

    internal long[] ShapeOf(string name) => _tensors.TryGetValue(name, out var tensor)
        ? tensor.Shape
        : throw new ModelFormatException(_path, $"{name} is missing.");

    /// <summary>The numbers of a tensor as float32, row-major.</summary>
    /// <exception cref="ModelFormatException">It is missing, of another shape, or its bytes cannot be read.</exception>
    internal float[] Read(string name, ReadOnlySpan<long> shape)
    {
        var actual = ShapeOf(name);
        if (!actual.AsSpan().SequenceEqual(shape))
        {
            throw new ModelFormatException(_path,
                $"{name} should be [{string.Join(", ", shape.ToArray())}], it is [{string.Join(", ", actual)}].");
        }

        try
        {
            return _tensors[name].Read();
        }
        catch (Exception e) when (e is IOException or NotSupportedException or OverflowException)
        {
            throw new ModelFormatException(_path, $"{name} cannot be read: {e.Message}", e);
        }
    }

    private static CanonicalWeights FromOpenAi(Checkpoint checkpoint)
    {
        var weights = new CanonicalWeights(checkpoint.Path, WeightLayout.OpenAi);
        foreach (var (stored, tensor) in checkpoint.Tensors)
        {
            // open_clip's custom_text models keep the text tower apart; it is the same tower.
            var name = stored.StartsWith("text.", StringComparison.Ordinal) ? stored["text.".Length..] : stored;
            if (name == "text_projection.weight")
            {
                weights.AddTransposed("text_projection", tensor);
            }
            else
            {
                weights._tensors[name] = (name == "logit_scale" ? [] : tensor.Shape, tensor.ReadFloats);
            }
        }

        return weights;
    }

    private static CanonicalWeights FromHuggingFace(Checkpoint checkpoint)
    {
        var weights = new CanonicalWeights(checkpoint.Path, WeightLayout.HuggingFace);
        foreach (var (stored, tensor) in checkpoint.Tensors)
        {
            if (stored is "text_projection.weight" or "visual_projection.weight")
            {
                weights.AddTransposed(stored == "text_projection.weight" ? "text_projection" : "visual.proj", tensor);
            }
            else if (Rename(stored) is { } name)
            {
                weights._tensors[name] = (name == "logit_scale" ? [] : tensor.Shape, tensor.ReadFloats);
            }
        }

        weights.JoinAttention(checkpoint, "text_model.encoder.layers.", "transformer.resblocks.");
        weights.JoinAttention(checkpoint, "vision_model.encoder.layers.", "visual.transformer.resblocks.");
        return weights;
    }

    private static string? Rename(string stored)
    {
        foreach (var (from, to) in Renamed)
        {
            if (stored.StartsWith(from, StringComparison.Ordinal))
            {
                return to + stored[from.Length..];
            }
        }

        var parts = stored.Split('.', 5);
        if (parts is not [var tower and ("text_model" or "vision_model"), "encoder", "layers", var layer, var rest])
        {
            return null;
        }

        foreach (var (from, to) in Blocks)
        {
            if (rest.StartsWith(from + ".", StringComparison.Ordinal))
            {
                return $"{(tower == "vision_model" ? "visual." : "")}transformer.resblocks.{layer}.{to}{rest[from.Length..]}";
            }
        }

        return null;
    }

    // Rows of the packed projection: query, key, value.
    private void JoinAttention(Checkpoint checkpoint, string from, string to)
    {
        var layers = checkpoint.Tensors.Keys
            .Where(n => n.StartsWith(from, StringComparison.Ordinal))
            .Select(n => n[from.Length..].Split('.')[0])
            .Distinct();
        foreach (var layer in layers)
        {
            foreach (var kind in new[] { "weight", "bias" })
            {
                StoredTensor[] parts = [.. "qkv".Select(p =>
                    checkpoint.Tensors.TryGetValue($"{from}{layer}.self_attn.{p}_proj.{kind}", out var part)
                    ? part
                    : throw new ModelFormatException(_path, $"{from}{layer}.self_attn.{p}_proj.{kind} is missing."))];
                long[] shape = [parts.Sum(p => p.Shape.Length > 0 ? p.Shape[0] : 0), .. parts[0].Shape.Skip(1)];
                _tensors[$"{to}{layer}.attn.in_proj_{kind}"] = (shape, () => [.. parts.SelectMany(p => p.ReadFloats())]);
            }
        }
    }

    private void AddTransposed(string name, StoredTensor tensor) => _tensors[name] = tensor.Shape is [var rows, var columns]
        ? ([columns, rows], (tensor with { Shape = [columns, rows], Strides = [tensor.Strides[1], tensor.Strides[0]] }).ReadFloats)
        : throw new ModelFormatException(_path, $"{name} [{string.Join(", ", tensor.Shape)}] is no matrix.");
}
