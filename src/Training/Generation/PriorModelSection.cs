using Sightline.Models.Generation;
using Sightline.Models.Weights;
using static TorchSharp.torch;

namespace Sightline.Training.Generation;

/// <summary>The prior that a training begins with.</summary>
internal static class PriorModelSection
{
    /// <summary>A new one, of the sizes that <c>model</c> says.</summary>
    internal static Prior Begin(ConfigSection section, TokenGrid grid, int vocabulary, Device device, ScalarType type, long seed)
    {
        var width = (int)section.Integer("width", 512, 8, 16_384);
        var layers = (int)section.Integer("layers", 8, 1, 256);
        var heads = (int)section.Integer("heads", Math.Max(1, width / 64), 1, 1024);
        var kernel = (int)section.Integer("kernel", 11, 1, 255);
        if (width % heads != 0)
        {
            throw section.Wrong("heads", $"divide the width: {heads} does not divide {width}");
        }

        if (kernel % 2 == 0)
        {
            throw section.Wrong("kernel", $"is odd, not {kernel}");
        }

        ImageAttention[] attention = [.. Attention(section, layers).Select(a => a with { Kernel = kernel })];
        var config = new PriorConfig(
            width, heads, (int)section.Integer("mlp_width", 4 * width, 1, 65_536), vocabulary,
            (int)section.Integer("text_length", 64, 2, 4096), grid, attention, section.Flag("sandwich", false));
        using var source = new PriorInitialisation(seed, layers, device, type);
        return new Prior(source, config);
    }

    /// <summary>The one that lies in a folder.</summary>
    /// <exception cref="ModelFormatException">It is damaged, or does not fit the dVAE or the vocabulary.</exception>
    internal static Prior Load(string folder, TokenGrid grid, int vocabulary, Device device, ScalarType type)
    {
        using var file = Checkpoint.Open(DalleFolder.Find(folder, "model.safetensors.index.json", "model.safetensors"));
        using var weights = new StoredWeights(file, device, type);
        var config = PriorConfig.Read(weights);
        if (config.Grid != grid || config.TextVocabulary < vocabulary)
        {
            throw weights.Wrong(
                $"it models {config.Grid} and {config.TextVocabulary} text tokens; pictures are {grid} here, and the vocabulary has {vocabulary}.");
        }

        var prior = new Prior(weights, config);
        try
        {
            weights.RequireAllTaken();
            return prior;
        }
        catch
        {
            prior.Dispose();
            throw;
        }
    }

    private static ImageAttention[] Attention(ConfigSection section, int layers)
    {
        var names = section.Texts("attention");
        if (names.Count == 0 || names is ["paper"])
        {
            return ImageAttention.PaperLayers(layers);
        }

        return names.Count == layers
            ? [.. names.Select(name => PriorConfig.TryPattern(name, out var pattern)
                ? new ImageAttention(pattern)
                : throw section.Wrong("attention", $"has patterns of {string.Join(", ", PriorConfig.PatternNames)}, not {name}"))]
            : throw section.Wrong("attention", $"is \"paper\" or a pattern for each of {layers} layers, not {names.Count} patterns");
    }
}
