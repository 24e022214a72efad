using Sightline.Models.Text;
using Sightline.Models.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models.Generation;

/// <summary>
/// A folder with ruDALL-E's Malevich or a fine-tune of it (ai-forever/ru-dalle, version 3): <c>pytorch_model_v3.bin</c> or
/// <c>pytorch_model.bin</c>, <c>bpe.model</c>, and the VQGAN with Gumbel quantisation, <c>vqgan.gumbelf8-sber.model.ckpt</c>. The
/// network is a <see cref="Prior"/> with a sandwich of norms, a second norm before the heads and clamped convolutional attention.
/// </summary>
internal static class RuDalleFolder
{
    /// <summary>Beside the weights, this file tells the layout.</summary>
    internal const string Mark = "bpe.model";

    // How ruDALL-E samples.
    private static readonly SamplingOptions Defaults = new(TopK: 2048, TopP: 0.995);

    private static readonly (string Module, string Stored)[] Names =
    [
        ("image_embedding.weight", "image_embeddings.weight"), ("row_position", "image_row_embeddings.weight"),
        ("column_position", "image_col_embeddings.weight"), ("ln_final.", "transformer.final_layernorm."), ("ln_logits.", "to_logits.0."),
    ];

    private static readonly (string Module, string Stored)[] LayerNames =
    [
        ("ln_1.", "input_layernorm."), ("attn.in_proj.", "attention.query_key_value."), ("attn.out_proj.", "attention.dense."),
        ("ln_1_out.", "before_first_addition_layernorm."), ("ln_2.", "post_attention_layernorm."), ("mlp.c_fc.", "mlp.dense_h_to_4h."),
        ("mlp.c_proj.", "mlp.dense_4h_to_h."), ("ln_2_out.", "before_second_addition_layernorm."),
    ];

    // What else the VQGAN's training checkpoint holds: its encoder and its discriminator.
    private static readonly string[] NotDecoding = ["encoder.", "quant_conv.", "quantize.proj.", "loss."];

    /// <exception cref="ModelFormatException">A file is missing or damaged, or the parts do not fit each other.</exception>
    internal static GeneratorParts Load(string folder, Device device, ScalarType type)
    {
        var tokenizer = YttmTokenizer.Load(Path.Combine(folder, Mark));
        using var file = Checkpoint.Open(DalleFolder.Find(folder, "pytorch_model_v3.bin", "pytorch_model.bin"));
        var (prior, digest) = LoadPrior(file, device, type);
        try
        {
            if (tokenizer.VocabularySize > prior.Config.TextVocabulary)
            {
                throw new ModelFormatException(folder,
                    $"{Mark} has {tokenizer.VocabularySize} tokens, the weights have {prior.Config.TextVocabulary}.");
            }

            var (detokenizer, detokenizerDigest) = LoadDetokenizer(DalleFolder.Find(folder, "vqgan.gumbelf8-sber.model.ckpt"), device);
            return new GeneratorParts(new PriorModel(prior, tokenizer.Encode), detokenizer, [digest, detokenizerDigest], Defaults);
        }
        catch
        {
            prior.Dispose();
            throw;
        }
    }

    internal static (Prior Prior, byte[] Digest) LoadPrior(Checkpoint file, Device device, ScalarType type)
    {
        PriorConfig? config = null;
        using var weights = new StoredWeights(file, device, type, name => Stored(name, config!));
        config = ReadConfig(weights);
        var prior = new Prior(weights, config);
        weights.RequireAllTaken(name => name.EndsWith("_mask", StringComparison.Ordinal)); // Computed, not learnt.
        return (prior, weights.Digest);
    }

    internal static (Vqgan Model, byte[] Digest) LoadDetokenizer(string path, Device device)
    {
        const string codebook = "quantize.embed.weight";
        using var file = Checkpoint.Open(path);
        using var weights = new StoredWeights(
            file, device, ScalarType.Float32, name => new StoredName(name == "embedding.weight" ? codebook : name));
        using var guard = no_grad();
        var model = new Vqgan(weights, VqganConfig.Read(weights, codebook), isSigned: true);
        weights.RequireAllTaken(name => NotDecoding.Any(n => name.StartsWith(n, StringComparison.Ordinal)));
        return (model, weights.Digest);
    }

    private static PriorConfig ReadConfig(StoredWeights weights)
    {
        // The table of text tokens ends with one padding for each position; that of positions has one more than is used.
        var length = (int)weights.ShapeOf("text_pos_embeddings.weight", 2)[0] - 1;
        var tokens = (int)weights.ShapeOf("text_embeddings.weight", 2)[0] - length;
        var width = (int)weights.ShapeOf("image_embeddings.weight", 2)[1];
        var grid = new TokenGrid(
            (int)weights.ShapeOf("image_row_embeddings.weight", 2)[0], (int)weights.ShapeOf("image_col_embeddings.weight", 2)[0],
            (int)weights.ShapeOf("image_embeddings.weight", 2)[0]);
        if (tokens < 1)
        {
            throw weights.Wrong($"text_embeddings.weight has no row beside the {length} paddings.");
        }

        // Malevich's heads are 128 wide, those of the other sizes 64.
        var heads = width == 2048 ? 16 : Math.Max(1, width / 64);
        var layers = weights.Count("transformer.layers.");
        var attention = Enumerable.Range(0, layers).Select(layer => new ImageAttention(
            layer % 4 == 1 ? AttentionPattern.Column
            : layer == layers - 1 ? AttentionPattern.ClampedConvolution
            : AttentionPattern.Row));
        return new PriorConfig(
            width, heads, (int)weights.ShapeOf("transformer.layers.0.mlp.dense_h_to_4h.weight", 2)[0], tokens, length, grid, [.. attention],
            Sandwich: true, LogitNorm: true, Activation: GELU.Approximate.tanh);
    }

    private static StoredName Stored(string name, PriorConfig config)
    {
        if (name.StartsWith("blocks.", StringComparison.Ordinal) && name.Split('.', 3) is [_, var layer, var rest])
        {
            var (module, stored) = LayerNames.Single(n => rest.StartsWith(n.Module, StringComparison.Ordinal));
            return new StoredName($"transformer.layers.{layer}.{stored}{rest[module.Length..]}");
        }

        foreach (var (module, stored) in Names)
        {
            if (name.StartsWith(module, StringComparison.Ordinal))
            {
                return new StoredName(stored + name[module.Length..]);
            }
        }

        // One table of logits holds three parts, one after the other: text tokens, paddings, image tokens.
        var texts = config.TextVocabulary + config.TextLength;
        var logits = texts + config.Grid.Vocabulary;
        return name switch
        {
            "text_embedding.weight" => new StoredName("text_embeddings.weight", 0, texts),
            "text_padding" => new StoredName("text_embeddings.weight", config.TextVocabulary, texts),
            "text_position" => new StoredName("text_pos_embeddings.weight", 0, config.TextLength + 1),
            "text_head.weight" or "text_head.bias" => new StoredName($"to_logits.1{name["text_head".Length..]}", 0, logits),
            _ => new StoredName($"to_logits.1{name["image_head".Length..]}", texts, logits),
        };
    }
}
