using System.Text.Json;
using Sightline.Models.Clip;
using Sightline.Models.Generation;
using Sightline.Models.Weights;
using Sightline.TestKit;
using static TorchSharp.torch;

namespace Sightline.Models.Tests.Generation;

/// <summary>Folders of the real models in small, with seeded random weights: what the other tests of generation run.</summary>
internal static class TinyModels
{
    internal static readonly ComputeOptions Cpu = new("cpu", "fp32");

    private static readonly VqganConfig Detokenizer = new(24, 6, 8, [new(32, false), new(32, true)], 1);

    private static readonly string[] Norms =
        ["input_layernorm", "before_first_addition_layernorm", "post_attention_layernorm", "before_second_addition_layernorm"];

    private static string Bundled => Path.Combine(Repository.Root, "models", "sightline-clip-0");

    /// <summary>A prior of 3 layers over 4 x 5 tokens and a dVAE of factor 2: pictures of 10 x 8.</summary>
    internal static void WriteDalle(string folder)
    {
        using var scope = NewDisposeScope();
        using var source = new RandomSource(7);
        using var dvae = new Dvae(source, source, new DvaeConfig(24, Hidden: 4, Initial: 5, Groups: 2, BlocksPerGroup: 1, InputKernel: 3));
        ImageAttention[] attention = [.. ImageAttention.PaperLayers(3).Select(a => a with { Kernel = 3 })];
        var config = new PriorConfig(16, 2, 32, 8014, 12, new TokenGrid(4, 5, 24), attention);
        using var prior = new Prior(source, config);
        Tensors.Write(Path.Combine(folder, "encoder.safetensors"), dvae.Encoder.state_dict());
        Tensors.Write(Path.Combine(folder, "decoder.safetensors"), dvae.Decoder.state_dict());
        Tensors.Write(Path.Combine(folder, "model.safetensors"), prior.state_dict());
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJson());
        foreach (var name in new[] { "vocab.json", "merges.txt" })
        {
            File.Copy(Path.Combine(Bundled, name), Path.Combine(folder, name));
        }
    }

    /// <summary>DALL-E mini with 2 layers, 4 x 4 tokens of 24 kinds (two rows more in its table) and a detokenizer of factor 2.</summary>
    /// <param name="suffix">Before the endings: <c>_mini</c> for the small model.</param>
    /// <param name="leaveOutOnes">The scales that are always one are not written.</param>
    internal static void WriteMinDalle(string folder, string suffix = "", bool leaveOutOnes = false)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var encoderSource = new RecordingSource(1);
        using var decoderSource = new RecordingSource(2);
        using var detokenizerSource = new RecordingSource(3);
        using var encoder = new BartEncoder(encoderSource, new BartConfig(16, 2, 12, 300, 10, 2));
        using var decoder = new BartDecoder(decoderSource, new BartConfig(16, 2, 12, 26, 16, 2));
        using var detokenizer = new Vqgan(detokenizerSource, Detokenizer, isSigned: false);
        foreach (var (name, source) in new[] { ("encoder", encoderSource), ("decoder", decoderSource) })
        {
            var kept = source.Taken.Where(t => !leaveOutOnes || !BartConfig.IsImpliedOne(t.Key)).ToDictionary();
            Tensors.Write(Path.Combine(folder, $"{name}{suffix}.pt"), kept);
        }

        Tensors.Write(Path.Combine(folder, "detoker.pt"), detokenizerSource.Taken);
        File.WriteAllText(Path.Combine(folder, "config.json"),
            """{"encoder_attention_heads": 2, "decoder_attention_heads": 2, "decoder_start_token_id": 24}""");
        var letters = Enumerable.Range('a', 26).Select(c => ((char)c).ToString());
        var vocabulary = new[] { "<s>", "<pad>", "</s>", "<unk>", "Ġ" }.Concat(letters).Append("Ġa").Select((symbol, id) => (symbol, id));
        File.WriteAllText(
            Path.Combine(folder, $"vocab{suffix}.json"), JsonSerializer.Serialize(vocabulary.ToDictionary(v => v.symbol, v => v.id)));
        File.WriteAllText(Path.Combine(folder, $"merges{suffix}.txt"), "#version: 0.2\nĠ a\n");
    }

    /// <summary>
    /// ruDALL-E with 4 layers of width 128, 6 text positions of 12 tokens, 14 x 14 image tokens of 24 kinds and a detokenizer of factor 2,
    /// with everything else that the published files hold.
    /// </summary>
    internal static void WriteRuDalle(string folder)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var source = new RandomSource(1);
        using var detokenizerSource = new RecordingSource(3);
        using var detokenizer = new Vqgan(detokenizerSource, Detokenizer, isSigned: true);
        var tensors = new Dictionary<string, Tensor>();
        foreach (var (name, shape) in RuDalleShapes(128, 4, 12, 6, 14, 24))
        {
            tensors[name] = source.Take(name, shape);
        }

        foreach (var mask in new[] { "row", "col", "conv" })
        {
            tensors[$"transformer.{mask}_mask"] = ones([202, 202]);
        }

        Tensors.Write(Path.Combine(folder, "pytorch_model_v3.bin"), tensors);
        detokenizerSource.Taken["encoder.conv_in.weight"] = ones([32, 3, 3, 3]);
        detokenizerSource.Taken["quant_conv.weight"] = ones([6, 8, 1, 1]);
        detokenizerSource.Taken["quantize.proj.weight"] = ones([24, 8, 1, 1]);
        detokenizerSource.Taken["loss.discriminator.main.0.weight"] = ones([64, 3, 4, 4]);
        Tensors.Write(
            Path.Combine(folder, "vqgan.gumbelf8-sber.model.ckpt"), detokenizerSource.Taken,
            name => name == "embedding.weight" ? "quantize.embed.weight" : name);
        File.WriteAllText(Path.Combine(folder, "bpe.model"), "4 1\n9601 4\n1082 5\n1086 6\n1090 7\n4 5 8\n1 0 2 3\n");
    }

    /// <summary>The tensors of a ruDALL-E checkpoint, as its state dict names them.</summary>
    internal static IEnumerable<(string Name, long[] Shape)> RuDalleShapes(
        long width, int layers, long tokens, long length, long side, long codes)
    {
        yield return ("text_embeddings.weight", [tokens + length, width]);
        yield return ("image_embeddings.weight", [codes, width]);
        yield return ("text_pos_embeddings.weight", [length + 1, width]);
        yield return ("image_row_embeddings.weight", [side, width]);
        yield return ("image_col_embeddings.weight", [side, width]);
        var vectors = new List<(string, long)> { ("to_logits.0", width), ("transformer.final_layernorm", width) };
        var matrices = new List<(string, long, long)> { ("to_logits.1", tokens + length + codes, width) };
        for (var i = 0; i < layers; i++)
        {
            var layer = $"transformer.layers.{i}";
            vectors.AddRange(Norms.Select(norm => ($"{layer}.{norm}", width)));
            matrices.Add(($"{layer}.attention.query_key_value", 3 * width, width));
            matrices.Add(($"{layer}.attention.dense", width, width));
            matrices.Add(($"{layer}.mlp.dense_h_to_4h", 4 * width, width));
            matrices.Add(($"{layer}.mlp.dense_4h_to_h", width, 4 * width));
        }

        foreach (var (name, rows) in vectors)
        {
            yield return ($"{name}.weight", [rows]);
            yield return ($"{name}.bias", [rows]);
        }

        foreach (var (name, rows, columns) in matrices)
        {
            yield return ($"{name}.weight", [rows, columns]);
            yield return ($"{name}.bias", [rows]);
        }
    }

    /// <summary>Writes a checkpoint again without one tensor, and with a vector of three.</summary>
    /// <param name="remove">Its name; empty: none.</param>
    /// <param name="add">Likewise.</param>
    internal static void Change(string path, string remove, string add)
    {
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors;
        using (var checkpoint = Checkpoint.Open(path))
        {
            tensors = checkpoint.Tensors.Keys.ToDictionary(name => name, name => Tensors.Stored(checkpoint, name));
        }

        tensors.Remove(remove);
        if (add.Length > 0)
        {
            tensors[add] = zeros(3);
        }

        Tensors.Write(path, tensors);
    }
}
