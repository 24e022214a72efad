using Sightline.Curation.Languages;

namespace Sightline.Curation.Tests.Languages;

public sealed class NgramModelFileTests
{
    private const int D = NgramModel.Dimensions;

    // One n-gram of Latin, the letter q at any place, speaks for the second of two languages.
    private static NgramLayer[] Layers() => [.. Enumerable.Range(0, Scripts.Modelled).Select(_ =>
        new NgramLayer(["aa", "bb"], [0, 1], [0.5f, -0.5f], [.. Enumerable.Range(0, 2 * D).Select(i => i / D)]))];

    private static uint KeyOfQ()
    {
        var hashes = new uint[NgramFeatures.MaxPerWord];
        var count = NgramFeatures.Write("xqx", Script.Latin, hashes);
        var others = new uint[NgramFeatures.MaxPerWord];
        var otherCount = NgramFeatures.Write("yqy", Script.Latin, others);
        return hashes[..count].Intersect(others[..otherCount]).Single();
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        uint[] keys = [.. new[] { KeyOfQ(), 7u, uint.MaxValue }.Order()];
        var levels = new sbyte[keys.Length * D];
        Array.Fill(levels, (sbyte)7, Array.IndexOf(keys, KeyOfQ()) * D, D);
        using var stream = new MemoryStream();
        NgramModelFile.Write(stream, Layers(), keys, [.. keys.Select(_ => NgramModelFile.StepOf(0.25f))], levels);
        stream.Position = 0;
        var model = NgramModelFile.Read(stream);

        var sum = new int[D];
        Assert.Equal(1, model.Add("xqx", Script.Latin, sum));
        Assert.All(sum, value => Assert.Equal(7 * NgramModel.StepsPerUnit / 4, value));
        var scores = new float[model.LayerOf(Script.Latin).Room];
        model.Score(Script.Latin, sum, 1, scores);
        Assert.Equal([0.5f, -0.5f + (7 * D / 4f)], scores[..2]);
        Assert.All(scores[2..], score => Assert.Equal(float.NegativeInfinity, score));
        Assert.Equal(["aa", "bb"], model.LayerOf(Script.Han).Languages);
    }

    [Fact]
    public void Another_file_is_refused()
    {
        using var stream = new MemoryStream();
        using (var brotli = new System.IO.Compression.BrotliStream(stream, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            brotli.Write(new byte[100]);
        }

        stream.Position = 0;
        Assert.Throws<InvalidDataException>(() => NgramModelFile.Read(stream));
    }

    [Fact]
    public void Scales_round_to_an_eighth_of_an_octave()
    {
        foreach (var scale in new[] { 1e-5f, 0.01f, 0.3f, 2f })
        {
            Assert.InRange(NgramModelFile.ScaleOf(NgramModelFile.StepOf(scale)) / scale, 0.957f, 1.045f);
        }
    }
}
