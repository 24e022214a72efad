using Sightline.Models.Clip;
using Sightline.Models.Generation;
using Sightline.Models.Weights;
using static TorchSharp.torch;

namespace Sightline.TestKit;

/// <summary>A generator's folder in small, with seeded random weights: a prior of 3 layers over 4 x 4 tokens and a dVAE of factor 2, so that
/// pictures are 8 x 8.</summary>
public static class TinyDalle
{
    public const int Side = 8;
    public const int Codes = 24;

    public static void Write(string folder)
    {
        using var scope = NewDisposeScope();
        using var source = new RandomSource(7);
        using var dvae = new Dvae(source, source, new DvaeConfig(Codes, Hidden: 4, Initial: 5, Groups: 2, BlocksPerGroup: 1, InputKernel: 3));
        ImageAttention[] attention = [.. ImageAttention.PaperLayers(3).Select(a => a with { Kernel = 3 })];
        var config = new PriorConfig(16, 2, 32, 8014, 12, new TokenGrid(4, 4, Codes), attention);
        using var prior = new Prior(source, config);
        Directory.CreateDirectory(folder);
        Write(Path.Combine(folder, "encoder.safetensors"), dvae.Encoder.state_dict());
        Write(Path.Combine(folder, "decoder.safetensors"), dvae.Decoder.state_dict());
        Write(Path.Combine(folder, "model.safetensors"), prior.state_dict());
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJson());
        foreach (var name in new[] { "vocab.json", "merges.txt" })
        {
            File.Copy(Path.Combine(Repository.Root, "models", "sightline-clip-0", name), Path.Combine(folder, name));
        }
    }

    private static void Write(string path, Dictionary<string, Tensor> tensors) =>
        SafetensorsWriter.Write(path, [.. tensors.Select(t => new TensorToWrite(
            t.Key, WeightType.Float32, t.Value.shape, t.Value.detach().to(ScalarType.Float32).contiguous().bytes.ToArray()))]);
}
