using Sightline.Models.Clip;
using Sightline.Models.Weights;

namespace Sightline.Models;

/// <summary>A model on this machine.</summary>
/// <param name="Name">The name users type.</param>
/// <param name="Folder">Where its files are.</param>
/// <param name="Bytes">What they take on disk.</param>
/// <param name="Bundled">It came with Sightline.</param>
/// <param name="License">Where its licence or card is; null where there is none.</param>
/// <param name="Card">Languages and measured quality; null where they are not known.</param>
public sealed record InstalledModel(string Name, string Folder, long Bytes, bool Bundled, string? License, ModelCard? Card);

/// <summary>No installed model has the name asked for.</summary>
public sealed class ModelNotFoundException(string message) : Exception(message);

/// <summary>The models on this machine: those bundled with Sightline, and those under the data folder's <c>models/</c>.</summary>
public sealed class ModelCatalog(string bundledFolder, string userFolder)
{
    /// <summary>The model used when none is named.</summary>
    public const string Default = "sightline-clip-0";

    // The name that a pulled model gets, and the other names people know it by.
    private static readonly string[][] Aliases =
    [
        ["ViT-B-32__openai", "openai/clip-vit-base-patch32", "ViT-B-32/openai", "open_clip:ViT-B-32/openai", "ViT-B/32"],
        ["ViT-B-16__openai", "openai/clip-vit-base-patch16", "ViT-B-16/openai", "open_clip:ViT-B-16/openai", "ViT-B/16"],
        ["ViT-L-14__openai", "openai/clip-vit-large-patch14", "ViT-L-14/openai", "open_clip:ViT-L-14/openai", "ViT-L/14"],
        ["ViT-L-14-336__openai", "openai/clip-vit-large-patch14-336", "ViT-L-14-336/openai", "ViT-L/14@336px"],
        ["ViT-B-32__laion2b_s34b_b79k", "laion/CLIP-ViT-B-32-laion2B-s34B-b79K", "ViT-B-32/laion2b_s34b_b79k",
            "open_clip:ViT-B-32/laion2b_s34b_b79k"],
    ];

    private static readonly string[] LicenseFiles = ["LICENSE", "LICENSE.txt", "MODEL_CARD.md", "README.md"];

    /// <summary>Bundled models first, then the user's, by name.</summary>
    public IReadOnlyList<InstalledModel> List() => [.. In(bundledFolder, bundled: true), .. In(userFolder, bundled: false)];

    /// <summary>Finds a model by name, by one of its aliases (<c>ViT-B-32__openai</c>, <c>openai/clip-vit-base-patch32</c>, ...) or as a
    /// path.</summary>
    /// <exception cref="ModelNotFoundException">Names the models there are.</exception>
    public string Resolve(string nameOrPath)
    {
        var names = Names(nameOrPath);
        var installed = List();
        if (installed.FirstOrDefault(m => names.Contains(m.Name)) is { } model)
        {
            return model.Folder;
        }

        if (nameOrPath.Contains('/', StringComparison.Ordinal) || nameOrPath.StartsWith('.'))
        {
            if (Directory.Exists(nameOrPath) || File.Exists(nameOrPath))
            {
                return Path.GetFullPath(nameOrPath);
            }
        }

        throw new ModelNotFoundException(
            $"There is no model {nameOrPath}; there are: {string.Join(", ", installed.Select(m => m.Name))}. `sightline models pull` or `add` brings others.");
    }

    /// <summary>Copies a model's files into the user's folder, once it has been loaded successfully.</summary>
    /// <param name="source">A model folder or a checkpoint file.</param>
    /// <param name="name">What to call it; null takes the source's own name.</param>
    /// <exception cref="ModelFormatException">It cannot be loaded.</exception>
    /// <exception cref="ArgumentException">The name is taken, or is no plain name.</exception>
    public InstalledModel Add(string source, string? name)
    {
        name = CheckedName(name ?? ModelFolder.NameOf(source));
        var target = Path.Combine(userFolder, name);
        if (List().Any(m => m.Name == name))
        {
            throw new ArgumentException($"There is a model {name} already; choose another with --name.");
        }

        using (ClipEmbedder.Load(source, new ComputeOptions("cpu", "fp32")))
        {
            var unfinished = target + ".unfinished";
            CopyFiles(source, unfinished);
            Directory.Move(unfinished, target);
        }

        return In(userFolder, bundled: false).Single(m => m.Name == name);
    }

    /// <exception cref="ModelNotFoundException">The user has no such model; bundled ones stay.</exception>
    public void Remove(string name)
    {
        var names = Names(name);
        var model = List().FirstOrDefault(m => names.Contains(m.Name)) ?? throw new ModelNotFoundException($"There is no model {name}.");
        if (model.Bundled)
        {
            throw new ModelNotFoundException($"{model.Name} is bundled with Sightline and is not removed.");
        }

        Directory.Delete(model.Folder, recursive: true);
    }

    /// <summary>The main name of a model known by several; the name itself, with <c>/</c> as <c>__</c>, where it is known by one.</summary>
    internal static string MainName(string name) =>
        Aliases.FirstOrDefault(a => a.Contains(name))?[0] ?? name.Replace("/", "__", StringComparison.Ordinal);

    private static string[] Names(string name) => [name, .. Aliases.FirstOrDefault(a => a.Contains(name)) ?? [MainName(name)]];

    private static string CheckedName(string name) => name.Length > 0 && !name.StartsWith('.') && name == Path.GetFileName(name)
        ? name
        : throw new ArgumentException($"\"{name}\" is no plain name for a model.");

    private static IEnumerable<InstalledModel> In(string folder, bool bundled) =>
        !Directory.Exists(folder) ? [] : Directory.GetDirectories(folder)
            .Where(f => !f.EndsWith(".unfinished", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(f => new InstalledModel(
                Path.GetFileName(f), f, new DirectoryInfo(f).EnumerateFiles().Sum(file => file.Length), bundled,
                LicenseFiles.Select(l => Path.Combine(f, l)).FirstOrDefault(File.Exists), ModelCard.Find(f)));

    private static void CopyFiles(string source, string target)
    {
        if (Directory.Exists(target))
        {
            Directory.Delete(target, recursive: true);
        }

        Directory.CreateDirectory(target);
        IEnumerable<string> files = Directory.Exists(source) ? Directory.GetFiles(source) : [source];
        foreach (var file in files)
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
    }
}
