namespace Sightline.Training.Data;

/// <summary>What somebody says of a picture.</summary>
/// <param name="Text">Not empty.</param>
/// <param name="Language">A code such as <c>en</c>; empty where it is not known.</param>
internal readonly record struct TrainingCaption(string Text, string Language);

/// <summary>One picture and what is known of it.</summary>
/// <param name="Key">Names it within its source, for people and for errors.</param>
/// <param name="Captions">May be empty: dVAEs need none.</param>
/// <param name="Label">Number of its class in <see cref="ITrainingData.Labels"/>; -1 where it has none.</param>
/// <param name="Source">Number of its source in the configuration.</param>
internal sealed record TrainingSample(string Key, IReadOnlyList<TrainingCaption> Captions, int Label, int Source);

/// <summary>Pictures and captions in a fixed order, ready to be read at random. Safe for many readers.</summary>
internal interface ITrainingData : IDisposable
{
    int Count { get; }

    TrainingSample this[int index] { get; }

    /// <summary>Names of the classes, by their number.</summary>
    IReadOnlyList<string> Labels { get; }

    /// <summary>SHA-256 over keys, captions, labels and the pictures' bytes, in order; lower-case hexadecimal.</summary>
    string Digest { get; }

    /// <summary>Side of the pictures that <see cref="ReadPixels"/> gives.</summary>
    int Side { get; }

    /// <summary>Writes one picture: 3 x Side x Side bytes, planes of red, green and blue, rows from the top.</summary>
    void ReadPixels(int index, Span<byte> pixels);
}
