using Sightline.Training.Data;
using static TorchSharp.torch;

namespace Sightline.Training.Tests.Data;

public sealed class BatchLoaderTests
{
    private static readonly AugmentationOptions Strong = new()
    {
        Crop = new NumberRange(0.3, 1), Flip = 0.5, Brightness = 0.3, Contrast = 0.3, Saturation = 0.3, Hue = 0.1, Grayscale = 0.2,
        BlurShare = 0.5, Blur = new NumberRange(0.1, 1), NoiseShare = 0.5, Noise = new NumberRange(1, 8), CompressShare = 0.5,
        Quality = new NumberRange(30, 95), CutoutShare = 0.5, Cutout = new NumberRange(0.1, 0.3),
    };

    [Fact]
    public void A_step_is_the_same_from_wherever_reading_starts()
    {
        var whole = Read(0, 12);

        Assert.Equal(whole[7..], Read(7, 5));
        Assert.Equal(whole[3..4], Read(3, 1));
        Assert.Equal(12, whole.Distinct().Count());
        Assert.NotEqual(whole[0], Read(0, 1, seed: 2)[0]);
    }

    [Fact]
    public void Steps_can_be_asked_for_in_any_order()
    {
        using var set = MemoryData.Set(12, 20);
        using var loader = Loader(set, new LoaderOptions(8, Seed: 1));
        var forward = new[] { 0, 1, 2 }.Select(s => Shown(loader.Read(s, CancellationToken.None))).ToList();

        Assert.Equal(forward[1], Shown(loader.Read(1, CancellationToken.None)));
        Assert.Equal(forward[0], Shown(loader.Read(0, CancellationToken.None)));
    }

    [Fact]
    public void Parts_are_the_step_cut_up()
    {
        using var set = MemoryData.Set(12, 20);
        using var one = Loader(set, new LoaderOptions(8, 1, 1), AugmentationOptionsWithoutNoise());
        using var four = Loader(set, new LoaderOptions(8, 4, 1), AugmentationOptionsWithoutNoise());

        var parts = four.Read(0, CancellationToken.None);

        Assert.Equal([2, 2, 2, 2], parts.Select(p => p.Count));
        Assert.Equal(string.Concat(Shown(one.Read(0, CancellationToken.None))), string.Concat(Shown(parts)));
    }

    [Fact]
    public void A_step_has_its_pictures_with_one_caption_and_the_label()
    {
        using var set = MemoryData.Set(8, 20);
        using var loader = Loader(set, new LoaderOptions(20, Seed: 1), new AugmentationOptions());

        var batch = Assert.Single(loader.Read(0, CancellationToken.None));
        using (batch)
        {
            Assert.Equal([20L, 3, 8, 8], batch.Pixels.shape);
            Assert.Equal(ScalarType.Byte, batch.Pixels.dtype);
            Assert.Equal(Enumerable.Range(0, 20), batch.Samples.Order());
            var bytes = batch.Pixels.bytes.ToArray();
            for (var i = 0; i < 20; i++)
            {
                var sample = set.Data[batch.Samples[i]];
                Assert.Equal(sample.Label, batch.Labels[i]);
                Assert.Contains(batch.Captions[i], sample.Captions.Select(c => c.Text).DefaultIfEmpty(""));
                Assert.Equal(DataFolder.Pixels(set.Data, batch.Samples[i]), bytes[(i * 192)..((i + 1) * 192)]);
            }
        }
    }

    [Fact]
    public void An_epoch_is_as_many_steps_as_see_every_picture()
    {
        using var set = MemoryData.Set(8, 21);
        using var loader = Loader(set, new LoaderOptions(8));

        Assert.Equal((3, 8), (loader.StepsPerEpoch, loader.BatchSize));
        Assert.Equal(TimeSpan.Zero, loader.Waited);
        loader.Read(0, CancellationToken.None)[0].Dispose();
        Assert.True(loader.Waited > TimeSpan.Zero);
    }

    [Fact]
    public void What_goes_wrong_ahead_is_told_where_it_is_read()
    {
        using var set = new TrainingSet(new Failing(), [null], []);
        using var loader = Loader(set, new LoaderOptions(4));

        Assert.Equal("the disk is gone", Assert.Throws<IOException>(() => loader.Read(0, CancellationToken.None)).Message);
        Assert.Throws<IOException>(() => loader.Read(0, CancellationToken.None));
    }

    [Fact]
    public void Reading_can_be_given_up()
    {
        using var set = MemoryData.Set(8, 8);
        using var loader = Loader(set, new LoaderOptions(4));

        Assert.ThrowsAny<OperationCanceledException>(() => loader.Read(0, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void What_cannot_be_is_told_at_once()
    {
        using var set = MemoryData.Set(8, 8);

        Assert.Throws<ArgumentException>(() => Loader(set, new LoaderOptions(4, 3)));
        Assert.Equal(
            "A batch of 9 asks for more than the 8 pictures of the data.",
            Assert.Throws<TrainingDataException>(() => Loader(set, new LoaderOptions(9))).Message);
        using var small = MemoryData.Set(7, 8);
        Assert.Equal(
            "The pictures are packed as 7 x 7 pixels, less than the model's input, 8.",
            Assert.Throws<TrainingDataException>(() => Loader(small, new LoaderOptions(4))).Message);
    }

    [Fact]
    public void Judging_reads_pictures_whole_in_their_order()
    {
        using var set = MemoryData.Set(12, 5);

        var batches = PictureTensors.ReadBatches(set.Data, [4, 0, 2], 2, 12, CPU, CancellationToken.None).ToList();

        Assert.Equal([4, 0, 2], batches.SelectMany(b => b.Samples));
        Assert.Equal(["4 0", "", "2 0"], batches.SelectMany(b => b.Captions));
        Assert.Equal(DataFolder.Pixels(set.Data, 2), batches[1].Pixels.bytes.ToArray());
        batches.ForEach(b => b.Dispose());
    }

    private static AugmentationOptions AugmentationOptionsWithoutNoise() => Strong with { NoiseShare = 0 };

    private static List<string> Read(long first, int count, long seed = 1)
    {
        using var set = MemoryData.Set(12, 20);
        using var loader = Loader(set, new LoaderOptions(8, 2, seed));
        return [.. Enumerable.Range(0, count).Select(i => string.Join('|', Shown(loader.Read(first + i, CancellationToken.None))))];
    }

    private static BatchLoader Loader(TrainingSet set, LoaderOptions options, AugmentationOptions? augmentation = null) =>
        new(set, options, new Augmentation(augmentation ?? Strong, 8), CPU);

    /// <summary>One text a picture: all that is known of it.</summary>
    private static List<string> Shown(IReadOnlyList<TrainingBatch> parts)
    {
        var shown = new List<string>();
        foreach (var part in parts)
        {
            using (part)
            {
                var bytes = part.Pixels.bytes;
                for (var i = 0; i < part.Count; i++)
                {
                    var pixels = Convert.ToHexString(bytes.Slice(i * 192, 192));
                    shown.Add($"{part.Samples[i]} {part.Captions[i]} {part.Labels[i]} {pixels};");
                }
            }
        }

        return shown;
    }

    private sealed class Failing : ITrainingData
    {
        public int Count => 8;

        public TrainingSample this[int index] => new("k", [], -1, 0);

        public IReadOnlyList<string> Labels { get; } = [];

        public string Digest => "";

        public int Side => 8;

        public void ReadPixels(int index, Span<byte> pixels) => throw new IOException("the disk is gone");

        public void Dispose()
        {
        }
    }
}
