using System.Security.Cryptography;
using System.Text;

namespace Sightline.Training.Data;

/// <summary>One source of a configuration with what it holds: pictures, and where their bytes are.</summary>
internal sealed class PictureSource : IDisposable
{
    private PictureSource(SourceConfig config, SourceContents contents, PictureBytes bytes) =>
        (Config, Contents, Bytes) = (config, contents, bytes);

    internal SourceConfig Config { get; }

    internal SourceContents Contents { get; }

    internal PictureBytes Bytes { get; }

    /// <exception cref="TrainingDataException">There is nothing to read, or not what was asked for; says what there is.</exception>
    internal static PictureSource Open(SourceConfig config, CancellationToken cancellationToken)
    {
        if (config.IsZip && !File.Exists(config.Path))
        {
            throw new TrainingDataException($"{config.Place}: {config.Path} is not there.");
        }

        var contents = config.IsZip ? ZipSource.Read(config, cancellationToken) : ImportedSource.Read(config, cancellationToken);
        if (contents.Pictures.Count == 0)
        {
            var fault = contents.Faults.Listed.Count == 0 ? "" : $" The first of its faults: {contents.Faults.Listed[0].Detail}";
            throw new TrainingDataException($"{config.Place}: nothing of {config.Path} is a picture that is asked for.{fault}");
        }

        return new PictureSource(config, contents, new PictureBytes(config));
    }

    public void Dispose() => Bytes.Dispose();

    /// <summary>Names what packing would make: changes with the pictures, what is said of them, and how they are packed.</summary>
    internal string KeyOf(PackOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text + "\0"));
        Add($"{PackedHeader.Version} {options.Side} {options.Fit} {options.Background:x6} {Config.Holdout:R} {Config.IsHeldOutPart}");
        foreach (var label in Contents.Labels)
        {
            Add(label);
        }

        foreach (var picture in Contents.Pictures)
        {
            Add(picture.Key);
            Add(picture.Location);
            Add(Bytes.StampOf(picture.Location));
            Add(picture.Label);
            foreach (var (text, language) in picture.Captions)
            {
                Add(text);
                Add(language);
            }

            Add("");
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }
}
