namespace Sightline.Models;

/// <summary>A model on this machine.</summary>
/// <param name="Name">The name users type.</param>
/// <param name="Folder">Where its files are.</param>
/// <param name="Bundled">It came with Sightline.</param>
/// <param name="License">What its licence file or card says, in a line.</param>
public sealed record InstalledModel(string Name, string Folder, long Bytes, bool Bundled, string? License);

/// <summary>The models on this machine: those bundled with Sightline, and those under the data folder's <c>models/</c>.</summary>
public sealed class ModelCatalog(string bundledFolder, string userFolder)
{
    public string BundledFolder { get; } = bundledFolder;

    public string UserFolder { get; } = userFolder;

    /// <summary>The model used when none is named.</summary>
    public const string Default = "sightline-clip-0";

    public IReadOnlyList<InstalledModel> List() => throw new NotImplementedException();

    /// <summary>Finds a model by name, by one of its aliases (<c>ViT-B-32__openai</c>, <c>openai/clip-vit-base-patch32</c>, ...) or as a path.</summary>
    /// <exception cref="ModelNotFoundException">Names the models there are.</exception>
    public string Resolve(string nameOrPath) => throw new NotImplementedException();
}

/// <summary>No installed model has the name asked for.</summary>
public sealed class ModelNotFoundException(string message) : Exception(message);
