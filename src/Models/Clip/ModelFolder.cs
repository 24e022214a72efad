using Sightline.Models.Weights;

namespace Sightline.Models.Clip;

/// <summary>Finds the checkpoint in what a user names: a file, or a folder in any of the layouts that models are published in.</summary>
internal static class ModelFolder
{
    // In this order; then any other file with a known ending, by name.
    private static readonly string[] Names =
    [
        "model.safetensors.index.json", "model.safetensors", "open_clip_model.safetensors", "pytorch_model.bin.index.json",
            "pytorch_model.bin",
        "open_clip_pytorch_model.bin",
    ];

    private static readonly string[] Endings = [".safetensors", ".pt", ".pth", ".bin"];

    /// <exception cref="ModelFormatException">There is no such file, or no checkpoint in the folder.</exception>
    internal static string FindCheckpoint(string path)
    {
        path = Path.GetFullPath(path);
        if (File.Exists(path))
        {
            return path;
        }

        if (!Directory.Exists(path))
        {
            throw new ModelFormatException(path, "there is no such file or folder.");
        }

        return Names.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists)
            ?? Directory.GetFiles(path).Order(StringComparer.Ordinal)
                .OrderBy(file => Array.IndexOf(Endings, Path.GetExtension(file)))
                .FirstOrDefault(file => Array.IndexOf(Endings, Path.GetExtension(file)) >= 0 && LooksLikeWeights(file))
            ?? throw new ModelFormatException(path,
                $"there is no checkpoint in this folder ({string.Join(", ", Endings.Select(e => "*" + e))}).");
    }

    /// <summary>The folder's name, or the file's without its ending.</summary>
    internal static string NameOf(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return Directory.Exists(path) ? Path.GetFileName(path) : Path.GetFileNameWithoutExtension(path);
    }

    // Reference outputs lie beside models too; a model has a temperature.
    private static bool LooksLikeWeights(string file)
    {
        if (!file.EndsWith(".safetensors", StringComparison.Ordinal))
        {
            return true;
        }

        using var checkpoint = Checkpoint.Open(file);
        return checkpoint.Tensors.Keys.Any(name => name.EndsWith("logit_scale", StringComparison.Ordinal));
    }
}
