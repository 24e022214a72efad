using Sightline.Models.Clip;
using Sightline.Models.Generation;
using Sightline.TestKit;
using static TorchSharp.torch;

namespace Sightline.Models.Tests.Generation;

/// <summary>Folders of the real models in small, with seeded random weights: what the other tests of generation run.</summary>
internal static class TinyModels
{
    internal static readonly ComputeOptions Cpu = new("cpu", "fp32");

    private static string Bundled => Path.Combine(Repository.Root, "models", "sightline-clip-0");

    /// <summary>A prior of 3 layers over 4 x 5 tokens and a dVAE of factor 2: pictures of 10 x 8.</summary>
    internal static void WriteDalle(string folder)
    {
        using var scope = NewDisposeScope();
        using var source = new RandomSource(7);
        using var dvae = new Dvae(source, source, new DvaeConfig(Vocabulary: 24, Hidden: 4, Initial: 5, Groups: 2, BlocksPerGroup: 1, InputKernel: 3));
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
}
