using System.Text.Json;
using Sightline.Models.Clip;
using Sightline.Models.Images;
using Sightline.Training.Data;

namespace Sightline.Training.Tests.Data;

public sealed class PackingTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(20, 16)]
    [InlineData(16, 33)]
    [InlineData(9, 9)]
    public void A_square_of_the_models_input_is_what_its_preprocessing_makes(int width, int height)
    {
        var picture = DataFolder.Picture(1, width, height);
        var planes = new byte[3 * 8 * 8];
        Assert.Null(SquarePicture.Decode(ImageEncoder.EncodePng(picture), new PackOptions(8), planes));

        var expected = new byte[8 * 8 * 3];
        new ClipPreprocess(TinyClip.Config(8)).Fill(picture, expected);

        Assert.Equal(expected, Interleaved(planes));
    }

    [Fact]
    public void What_is_transparent_lies_over_the_background()
    {
        // Red at half, and nothing at all.
        var png = RgbaPng.Encode(2, 1, [255, 0, 0, 128, 10, 20, 30, 0]);
        Assert.True(ImageDecoder.TryDecode(png, new DecodeOptions(Background: 0x0000FF), out var over, out _));
        Assert.True(ImageDecoder.TryDecode(png, new DecodeOptions(), out var without, out _));
        var planes = new byte[3 * 8 * 8];
        Assert.Null(SquarePicture.Decode(RgbaPng.Encode(1, 1, [255, 0, 0, 128]), new PackOptions(8, Background: 0x0000FF), planes));

        Assert.Equal([128, 0, 127, 0, 0, 255], over!.Pixels.Pixels);
        Assert.Equal([255, 0, 0, 10, 20, 30], without!.Pixels.Pixels);
        Assert.Equal([128, 0, 127], Interleaved(planes)[..3]);
    }

    [Fact]
    public void Unreadable_pictures_are_listed_and_left_out()
    {
        _folder.AddPictures(3);
        _folder.AddFile("pictures/1.png", DataFolder.Png(1)[..60]);
        _folder.AddText("pictures/2.png", "no picture");
        var progress = new List<PackProgress>();

        var source = _folder.Source("""{"path": "pictures"}""");
        var (data, report) = _folder.Cache(progress.Add).Open(source, new PackOptions(8), CancellationToken.None);

        using (data)
        {
            Assert.Equal("0.png", Assert.Single(DataFolder.All(data)).Key);
        }

        Assert.Equal(["truncated", "unknown_format"], report.Faults.Keys);
        var faults = File.ReadAllLines(Path.Combine(report.Folder, "faults.jsonl"));
        Assert.Equal(["1.png", "2.png"], faults.Select(f => JsonSerializer.Deserialize<DataFault>(f)!.Place));
        Assert.Equal((3, 3, 2), (progress[^1].Done, progress[^1].Total, progress[^1].Faults));
        Assert.Equal(TimeSpan.Zero, progress[^1].Left);
    }

    [Fact]
    public void Nothing_readable_at_all_is_an_error_with_its_cause()
    {
        _folder.AddText("pictures/2.png", "no picture");

        var fault = Assert.Throws<TrainingDataException>(() => _folder.Pack("""{"path": "pictures"}"""));

        Assert.Contains("not one picture of", fault.Message, StringComparison.Ordinal);
        Assert.Contains("2.png: The file begins with", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_pictures_are_one_and_fall_on_the_side_of_the_first()
    {
        var keys = Enumerable.Range(0, 100).Select(i => $"{i:d2}.png").ToList();
        var held = keys.First(k => Holdout.Contains(k, 0.5));
        var kept = keys.Last(k => !Holdout.Contains(k, 0.5));
        Assert.True(string.CompareOrdinal(held, kept) < 0);
        foreach (var (key, caption) in new[] { (held, "first"), (kept, "second") })
        {
            _folder.AddFile("p/" + key, DataFolder.Png(1));
            _folder.AddText("p/" + Path.ChangeExtension(key, ".txt"), caption);
        }

        using var validation = _folder.Pack("""{"path": "p", "holdout": 0.5, "split": "validation"}""", out var report);

        Assert.Equal("first / second", DataFolder.Captions(Assert.Single(DataFolder.All(validation))));
        Assert.Equal(1, report.Joined);
        Assert.Throws<TrainingDataException>(() => _folder.Pack("""{"path": "p", "holdout": 0.5}"""));
    }

    [Fact]
    public void A_second_opening_packs_nothing()
    {
        _folder.AddPictures(4);
        using var first = _folder.Pack("""{"path": "pictures"}""", out var report);
        var written = File.GetLastWriteTimeUtc(Path.Combine(report.Folder, "pixels.bin"));

        var progress = new List<PackProgress>();
        var source = _folder.Source("""{"path": "pictures"}""");
        var (second, again) = _folder.Cache(progress.Add).Open(source, new PackOptions(8), CancellationToken.None);
        second.Dispose();

        Assert.Empty(progress);
        Assert.Equal(written, File.GetLastWriteTimeUtc(Path.Combine(again.Folder, "pixels.bin")));
        Assert.Equal(report.Digest, again.Digest);
    }

    [Fact]
    public void Another_caption_picture_or_setting_is_another_packing()
    {
        _folder.AddPictures(2);
        string DigestOf(string json, int side = 8)
        {
            using var data = _folder.Pack(json, side);
            return data.Digest;
        }

        var digests = new List<string> { DigestOf("""{"path": "pictures"}"""), DigestOf("""{"path": "pictures"}""", 9) };
        digests.Add(DigestOf("""{"path": "pictures", "captions": ["a {caption}"]}"""));
        _folder.AddText("pictures/1.txt", "other");
        digests.Add(DigestOf("""{"path": "pictures"}"""));
        _folder.AddFile("pictures/1.png", DataFolder.Png(9));
        digests.Add(DigestOf("""{"path": "pictures"}"""));

        Assert.Equal(5, digests.Distinct().Count());
        Assert.All(digests, d => Assert.Matches("^[0-9a-f]{64}$", d));
    }

    [Theory]
    [InlineData("pixels.bin", 200)]
    [InlineData("samples.bin", 130)]
    [InlineData("samples.bin", 3)]
    public void Damage_is_found_and_packed_again(string file, int at)
    {
        _folder.AddPictures(4);
        _folder.Pack("""{"path": "pictures"}""", out var report).Dispose();
        Flip(Path.Combine(report.Folder, file), at);

        Assert.Throws<InvalidDataException>(() => PackedPictures.Open(report.Folder, CancellationToken.None));
        using var data = _folder.Pack("""{"path": "pictures"}""", out var again);

        Assert.Equal((report.Digest, report.Folder), (again.Digest, again.Folder));
        Assert.NotNull(again.Replaced);
    }

    [Theory]
    [InlineData("pixels.bin")]
    [InlineData("samples.bin")]
    public void A_file_cut_short_is_found(string file)
    {
        _folder.AddPictures(4);
        _folder.Pack("""{"path": "pictures"}""", out var report).Dispose();
        using (var stream = File.OpenWrite(Path.Combine(report.Folder, file)))
        {
            stream.SetLength(stream.Length - 1);
        }

        Assert.Throws<InvalidDataException>(() => PackedPictures.Open(report.Folder, CancellationToken.None));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(40_000)]
    public void Packing_that_was_stopped_goes_on(int lost)
    {
        _folder.AddPictures(264);
        var source = _folder.Source("""{"path": "pictures"}""");
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => _folder.Cache(_ => stop.Cancel()).Open(source, new PackOptions(8), stop.Token));
        var unfinished = Assert.Single(Directory.GetDirectories(_folder.PathOf("cache")));
        Assert.EndsWith(".unfinished", unfinished, StringComparison.Ordinal);

        // A machine that lost its power may have lost the end of the pixels, and half a line of the journal is what a kill leaves.
        using (var pixels = File.OpenWrite(Path.Combine(unfinished, "pixels.part")))
        {
            pixels.SetLength(pixels.Length - lost);
        }

        File.AppendAllText(Path.Combine(unfinished, "journal.jsonl"), "{\"Outcome\":0,\"Fi");
        var progress = new List<PackProgress>();
        var (data, report) = _folder.Cache(progress.Add).Open(source, new PackOptions(8), CancellationToken.None);
        data.Dispose();

        using var straight = new DataFolder();
        straight.AddPictures(264);
        straight.Pack("""{"path": "pictures"}""", out var expected).Dispose();
        Assert.Equal((expected.Digest, 264), (report.Digest, report.Pictures));
        Assert.Equal(264, progress[^1].Done);
        Assert.Equal(report.Folder, Assert.Single(Directory.GetDirectories(_folder.PathOf("cache"))));
    }

    [Fact]
    public void Two_processes_do_not_pack_the_same_at_once()
    {
        _folder.AddPictures(1);
        var source = _folder.Source("""{"path": "pictures"}""");
        using var opened = PictureSource.Open(source, CancellationToken.None);
        var work = _folder.PathOf("cache", $"{opened.KeyOf(new PackOptions(8))}-{opened.KeyOf(new PackOptions(8))}.unfinished");
        Directory.CreateDirectory(work);
        using var claim = new FileStream(Path.Combine(work, "claim"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);

        var fault = Assert.Throws<TrainingDataException>(() => _folder.Pack("""{"path": "pictures"}"""));
        Assert.Contains("another process", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_packed_folder_moves_without_its_sources()
    {
        _folder.AddPictures(12);
        _folder.AddText("train.yaml", """
            data:
              - path: pictures
                holdout: 0.3
            validation:
              - {path: pictures, holdout: 0.3, split: validation}
            clip: {width: 4}
            """);
        IReadOnlyList<PackReport> Run() => DataPacking.Run(
            _folder.PathOf("train.yaml"), _folder.PathOf("out"), 8, _ => { }, TimeProvider.System, CancellationToken.None);

        var (reports, again) = (Run(), Run());
        Directory.Delete(_folder.PathOf("pictures"), recursive: true);
        Directory.Move(_folder.PathOf("out"), _folder.PathOf("moved"));

        using var set = _folder.Open("""{"packed": "moved/data-0"}""", side: 9);
        using var validation = _folder.Open("""{"packed": "moved/validation-0"}""", side: 8);
        Assert.Equal(reports.Select(r => r.Digest), again.Select(r => r.Digest));
        Assert.Equal(reports.Select(r => r.Digest), [set.Data.Digest, validation.Data.Digest]);
        Assert.Equal((12, 9, 8), (set.Data.Count + validation.Data.Count, set.Data.Side, validation.Data.Side));
        Assert.Equal(
            "data:\n  - packed: data-0\nvalidation:\n  - packed: validation-0\n", File.ReadAllText(_folder.PathOf("moved", "sources.yaml")));
    }

    [Fact]
    public void Sources_join_with_their_classes()
    {
        _folder.AddFile("a/cat/1.png", DataFolder.Png(1));
        _folder.AddFile("a/dog/2.png", DataFolder.Png(2));
        _folder.AddFile("b/bird/1.png", DataFolder.Png(3));
        _folder.AddFile("b/dog/3.png", DataFolder.Png(4));
        _folder.AddPictures(1);

        using var set = _folder.Open("""{"path": "a", "label": "folder"}, {"path": "pictures"}, {"path": "b", "label": "folder"}""");

        Assert.Equal(["bird", "cat", "dog"], set.Data.Labels);
        Assert.Equal(
            [("cat/1.png", 1, 0), ("dog/2.png", 2, 0), ("0.png", -1, 1), ("bird/1.png", 0, 2), ("dog/3.png", 2, 2)],
            DataFolder.All(set.Data).Select(s => (s.Key, s.Label, s.Source)));
    }

    [Fact]
    public void Sources_of_different_sides_do_not_join()
    {
        _folder.AddPictures(2);
        _folder.Pack("""{"path": "pictures"}""", out var report, side: 12).Dispose();

        var fault = Assert.Throws<TrainingDataException>(
            () => _folder.Open($$"""{"path": "pictures"}, {"packed": "{{report.Folder}}"}"""));

        Assert.StartsWith("data[1] is packed as 12 x 12 pixels, and data[0] as 8 x 8", fault.Message, StringComparison.Ordinal);
    }

    private static byte[] Interleaved(byte[] planes) =>
        [.. Enumerable.Range(0, planes.Length).Select(i => planes[i % 3 * (planes.Length / 3) + i / 3])];

    private static void Flip(string path, int at)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[at] ^= 1;
        File.WriteAllBytes(path, bytes);
    }
}
