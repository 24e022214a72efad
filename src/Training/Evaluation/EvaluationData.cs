using Sightline.Training.Data;

namespace Sightline.Training.Evaluation;

/// <summary>Pictures with what is known of them, to measure a model by.</summary>
public sealed class EvaluationData : IDisposable
{
    internal EvaluationData(ITrainingData pictures) => Pictures = pictures;

    /// <summary>Pictures in it.</summary>
    public int Count => Pictures.Count;

    /// <summary>SHA-256 over keys, captions, labels and the pictures' bytes; lower-case hexadecimal.</summary>
    public string Digest => Pictures.Digest;

    internal ITrainingData Pictures { get; }

    /// <summary>Opens a zip or a folder.</summary>
    /// <param name="side">Of the squares that pictures are cut to, in pixels.</param>
    /// <param name="split">Only pictures of this split, where the data name splits; null: all.</param>
    /// <exception cref="InvalidDataException">It is damaged, or holds no pictures of the split; says why.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static EvaluationData Open(string path, int side, string? split) => new(PictureArchive.Open(path, side, split));

    public void Dispose() => Pictures.Dispose();
}
