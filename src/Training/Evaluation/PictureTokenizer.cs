using Sightline.Models.Clip;
using Sightline.Models.Generation;
using static TorchSharp.torch;

namespace Sightline.Training.Evaluation;

/// <summary>The half of an image generator that turns pictures into tokens and back. For one thread.</summary>
public sealed class PictureTokenizer : IDisposable
{
    private static readonly string[] Encoders = ["encoder.safetensors", "encoder.pkl"];
    private static readonly string[] Decoders = ["decoder.safetensors", "decoder.pkl"];

    // DALL-E's, where nothing tells another.
    private const int UsualSide = 256;

    private readonly IDisposable _owner;

    private PictureTokenizer(string name, IDetokenizer tokens, IDisposable owner, Device device, int side)
    {
        (Name, Tokens, _owner, Device) = (name, tokens, owner, device);
        UsualPictureSide = side / tokens.Factor * tokens.Factor;
    }

    public string Name { get; }

    /// <summary>Side of the pictures that the model was made for, in pixels, as far as the folder tells.</summary>
    public int UsualPictureSide { get; }

    internal IDetokenizer Tokens { get; }

    internal Device Device { get; }

    /// <summary>Loads a folder that <see cref="ImageGenerator.Load"/> takes, or one with a dVAE alone.</summary>
    /// <exception cref="Models.Weights.ModelFormatException">A file is missing or damaged.</exception>
    /// <exception cref="ArgumentException">The weights have no encoder, or the device is unknown or not on this machine.</exception>
    public static PictureTokenizer Load(string folder, ComputeOptions options)
    {
        folder = Path.GetFullPath(folder);
        var name = ModelFolder.NameOf(folder);
        var device = options.Resolve().Device;

        // Reading a prior of gigabytes would be for nothing.
        if (Find(folder, Encoders) is { } encoder && Find(folder, Decoders) is { } decoder)
        {
            var (dvae, _) = Dvae.Load(encoder, decoder, device);
            return new PictureTokenizer(name, dvae, dvae, device, UsualSide);
        }

        var generator = ImageGenerator.Load(folder, options);
        if (!generator.CanTokenize)
        {
            generator.Dispose();
            throw new ArgumentException($"The weights of {name} have no encoder: there is nothing to reconstruct from.");
        }

        return new PictureTokenizer(name, generator.Detokenizer, generator, device, generator.Width);
    }

    public void Dispose() => _owner.Dispose();

    private static string? Find(string folder, string[] names) => names.Select(n => Path.Combine(folder, n)).FirstOrDefault(File.Exists);
}
