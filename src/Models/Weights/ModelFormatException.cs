namespace Sightline.Models.Weights;

/// <summary>A model file that cannot be used: damaged, unsupported, or not what its configuration says. The message names the file and the
/// cause.</summary>
public sealed class ModelFormatException : Exception
{
    public ModelFormatException(string path, string problem)
        : base($"{path}: {problem}") => Path = path;

    public ModelFormatException(string path, string problem, Exception inner)
        : base($"{path}: {problem}", inner) => Path = path;

    public string Path { get; }
}
