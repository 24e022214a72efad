using Sightline.TestKit;
using Sightline.Training.Data;

namespace Sightline.Training.Tests.Evaluation;

/// <summary>Plain pictures, nearly red, green or blue, in memory.</summary>
internal sealed class DrawnData(IReadOnlyList<TrainingSample> samples) : ITrainingData
{
    public int Count => samples.Count;

    public IReadOnlyList<string> Labels => ColourFolder.Colours;

    public string Digest => new('d', 64);

    public int Side => 12;

    public TrainingSample this[int index] => samples[index];

    /// <summary>So many pictures, each with its colour as its class and as its caption.</summary>
    internal static DrawnData Of(int count) => new([.. Enumerable.Range(0, count).Select(i =>
        new TrainingSample($"{i}", [new TrainingCaption(ColourFolder.Colours[i % 3], "en")], i % 3, 0))]);

    public void ReadPixels(int index, Span<byte> pixels)
    {
        var drawn = ColourFolder.Draw(index).Pixels;
        for (var i = 0; i < drawn.Length; i++)
        {
            pixels[i % 3 * Side * Side + i / 3] = drawn[i];
        }
    }

    public void Dispose()
    {
    }
}
