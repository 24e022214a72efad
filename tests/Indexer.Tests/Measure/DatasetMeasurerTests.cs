using System.Buffers.Binary;
using System.Security.Cryptography;
using Sightline.Curation;
using Sightline.Indexer.Measure;
using Sightline.Models;
using Sightline.Models.Images;
using Sightline.TestKit;

namespace Sightline.Indexer.Tests.Measure;

/// <summary>Real files, no model.</summary>
public sealed class DatasetMeasurerTests : IDisposable
{
    private readonly DatasetFixture _fixture = new();
    private readonly PointEmbedder _embedder = new();
    private readonly DeviceQueue _device = new();

    public void Dispose()
    {
        _device.Dispose();
        _fixture.Dispose();
    }

    [Fact]
    public async Task Files_and_stretches_of_tars_are_measured_and_faults_named()
    {
        var noise = DatasetFixture.Noise(300, 200, 1);
        var png = ImageEncoder.EncodePng(noise);
        var file = _fixture.Write("a.png", png);
        var tar = _fixture.Write("a.tar", [.. new byte[512], .. png, .. new byte[512]]);
        _fixture.Add("one", file);
        _fixture.Add("two", file);
        _fixture.Add("three", $"tar:512:{png.Length}:{tar}");
        _fixture.Add("behind the end", $"tar:1025:{png.Length}:{tar}");
        _fixture.Add("gone", _fixture.PathOf("gone.png"));
        _fixture.Add("no picture", _fixture.Write("text.png", "hello"u8.ToArray()));
        _fixture.Add("cut", _fixture.Write("cut.png", png[..(png.Length / 2)]));
        _fixture.Add("no image");
        var dataset = _fixture.Save();

        var (report, counters) = await RunAsync();

        var part = dataset.ReadPart(0, PartColumns.Measures | PartColumns.Embeddings, default);
        var expected = ImageStatistics.Of(noise);
        for (var i = 0; i < 3; i++)
        {
            var image = part.Measures[i];
            Assert.Equal(ImageMeasured.Read | ImageMeasured.Pixels, image.Known);
            Assert.Equal((300, 200, expected.PerceptualHash), (image.Width, image.Height, image.PerceptualHash));
            Assert.Equal(
                (expected.Sharpness, expected.Brightness, expected.Contrast, expected.Entropy), (image.Sharpness, image.Brightness, image.Contrast, image.Entropy));
            Assert.Equal(Convert.ToHexString(SHA256.HashData(png)), Sha256(image));
        }

        Assert.Equal([ImageMeasured.Fault, ImageMeasured.Fault, ImageMeasured.Fault], part.Measures[3..6].ToArray().Select(m => m.Known));
        Assert.Equal(ImageMeasured.Read | ImageMeasured.Fault, part.Measures[6].Known);
        Assert.Equal(ImageMeasured.None, part.Measures[7].Known);
        Assert.Null(part.Embeddings);
        Assert.Equal(["k3 truncated", "k4 vanished", "k5 unknown_format", "k6 truncated"], report.Faults.Select(f => $"{f.Key} {f.Reason}"));
        Assert.Equal((3L, 2L, 1L), (report.Counts["measured"], report.Counts["truncated"], report.Counts["no_image"]));
        Assert.Equal(report.Counts, MeasureReport.Read(dataset.Folder)!.Counts);
        var progress = counters.Progress("measuring");
        Assert.Equal((8L, 8L, 4L), (progress.Done, progress.Total, progress.Failed));
    }

    [Fact]
    public async Task What_is_known_is_passed_over_and_faults_are_tried_again()
    {
        var good = _fixture.Write("good.png", ImageEncoder.EncodePng(DatasetFixture.Noise(30, 20, 1)));
        _fixture.Add("good", good);
        _fixture.Add("late", _fixture.PathOf("late.png"));
        var dataset = _fixture.Save();
        await RunAsync();
        File.Delete(good);
        _fixture.Write("late.png", ImageEncoder.EncodePng(DatasetFixture.Noise(40, 20, 2)));

        var (report, counters) = await RunAsync();

        Assert.Equal((1L, 1L, 1L), (report.Counts["unchanged"], report.Counts["measured"], counters.Worked));
        Assert.Empty(report.Faults);
        Assert.Equal([30, 40], dataset.ReadPart(0, PartColumns.Measures, default).Measures.ToArray().Select(m => m.Width));
    }

    [Fact]
    public async Task A_complete_part_is_not_written_again()
    {
        _fixture.Add("good", _fixture.Write("good.png", ImageEncoder.EncodePng(DatasetFixture.Noise(30, 20, 1))));
        var dataset = _fixture.Save();
        await RunAsync();
        var file = Path.Combine(dataset.Folder, "measures-00000.bin");
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);

        await RunAsync();

        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(file));
    }

    [Fact]
    public async Task Pairs_of_one_image_decode_it_once_and_more_images_than_a_slice_are_all_measured()
    {
        var files = Enumerable.Range(0, 20).Select(i => _fixture.Write($"{i}.png", ImageEncoder.EncodePng(DatasetFixture.Noise(8 + i, 8, i)))).ToList();
        for (var i = 0; i < 9_000; i++)
        {
            _fixture.Add($"caption {i}", files[i % files.Count]);
            _fixture.Add($"another {i}", files[i % files.Count]);
        }

        var dataset = _fixture.Save();
        var (report, _) = await RunAsync();

        Assert.Equal(18_000, report.Counts["measured"]);
        var measures = dataset.ReadPart(0, PartColumns.Measures, default).Measures.ToArray();
        Assert.All(measures.Index(), m => Assert.Equal(8 + (m.Index / 2 % 20), m.Item.Width));
    }

    [Fact]
    public async Task A_run_that_is_stopped_says_so()
    {
        _fixture.Add("good", _fixture.Write("good.png", ImageEncoder.EncodePng(DatasetFixture.Noise(30, 20, 1))));
        var dataset = _fixture.Save();
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new DatasetMeasurer(_embedder, _device, TimeProvider.System)
            .RunAsync(dataset, null, new WorkCounters(TimeProvider.System), stop.Token));
        Assert.Null(MeasureReport.Read(dataset.Folder));
    }

    private async Task<(MeasureReport Report, WorkCounters Counters)> RunAsync()
    {
        var counters = new WorkCounters(TimeProvider.System, "measured", "unchanged", "no_image");
        return (await new DatasetMeasurer(_embedder, _device, TimeProvider.System).RunAsync(_fixture.Dataset, null, counters, default), counters);
    }

    private static string Sha256(in ImageMeasures image)
    {
        var bytes = new byte[32];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, image.Sha256High);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(16), image.Sha256Low);
        return Convert.ToHexString(bytes);
    }
}
