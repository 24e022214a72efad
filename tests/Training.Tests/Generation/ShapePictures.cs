using Sightline.Training.Data;
using static TorchSharp.torch;

namespace Sightline.Training.Tests.Generation;

/// <summary>Sixteen pictures of 16 x 16: a shape of one of four colours on grey, with some texture, which its caption
/// names. An even ground would be all that a likelihood cares for.</summary>
internal sealed class ShapePictures : ITrainingData
{
    private static readonly (string Name, byte[] Rgb)[] Colours =
        [("red", [220, 30, 30]), ("green", [30, 200, 60]), ("blue", [40, 60, 230]), ("yellow", [240, 220, 40])];

    private static readonly (string Name, Func<int, int, bool> Covers)[] Shapes =
    [
        ("square", (x, y) => x is >= 4 and < 12 && y is >= 4 and < 12), ("disc", (x, y) => (x - 8) * (x - 8) + (y - 8) * (y - 8) < 30),
        ("bar", (_, y) => y is >= 6 and < 10), ("corner", (x, y) => x + y < 14),
    ];

    public int Count => Colours.Length * Shapes.Length;

    public IReadOnlyList<string> Labels => [];

    public string Digest => "";

    public int Side => 16;

    public TrainingSample this[int index] => new(
        $"{index}", [new TrainingCaption($"a {Colours[index % 4].Name} {Shapes[index / 4].Name}", "en")], -1, 0);

    public void ReadPixels(int index, Span<byte> pixels)
    {
        for (var at = 0; at < pixels.Length; at++)
        {
            var (channel, y, x) = (at / 256, at / 16 % 16, at % 16);
            var colour = Shapes[index / 4].Covers(x, y) ? Colours[index % 4].Rgb[channel] : 110;
            pixels[at] = (byte)Math.Clamp(colour + (x * 7 + y * 13 + index * 3 + channel * 5) % 31 - 15, 0, 255);
        }
    }

    public void Dispose()
    {
    }

    /// <summary>Some of the pictures as a part of a step.</summary>
    internal TrainingBatch Batch(params int[] indices)
    {
        var bytes = new byte[indices.Length * 3 * Side * Side];
        for (var i = 0; i < indices.Length; i++)
        {
            ReadPixels(indices[i], bytes.AsSpan(i * 3 * Side * Side, 3 * Side * Side));
        }

        return new TrainingBatch(
            tensor(bytes, [indices.Length, 3, Side, Side]).DetachFromDisposeScope(), [.. indices.Select(i => this[i].Captions[0].Text)],
            indices, [.. indices.Select(_ => -1)]);
    }

    internal TrainingBatch All() => Batch([.. Enumerable.Range(0, Count)]);
}
