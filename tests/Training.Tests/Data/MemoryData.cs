using Sightline.Training.Data;

namespace Sightline.Training.Tests.Data;

/// <summary>Pictures of noise in memory.</summary>
internal sealed class MemoryData(int side, IReadOnlyList<TrainingSample> samples) : ITrainingData
{
    public int Count => samples.Count;

    public TrainingSample this[int index] => samples[index];

    public IReadOnlyList<string> Labels { get; } = ["a", "b"];

    public string Digest => new('0', 64);

    public int Side => side;

    public void ReadPixels(int index, Span<byte> pixels) => new Random(index).NextBytes(pixels);

    public void Dispose()
    {
    }

    internal static TrainingSet Set(int side, params int[] sources) => new(
        new MemoryData(side, [.. sources.SelectMany((count, s) => Enumerable.Range(0, count).Select(i => Sample(s, i)))]),
        new double?[sources.Length], []);

    private static TrainingSample Sample(int source, int i) => new(
        $"{source}/{i}", [.. Enumerable.Range(0, i % 5).Select(c => new TrainingCaption($"{i} {c}", c == 0 ? "en" : "de"))], i % 2, source);
}
