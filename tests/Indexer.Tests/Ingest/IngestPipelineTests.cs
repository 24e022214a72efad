using System.Diagnostics;
using Npgsql;
using Sightline.Indexer.Ingest;
using Sightline.Indexer.Walk;
using Sightline.Models;
using Sightline.Models.Images;
using Sightline.Search;
using Sightline.TestKit;

namespace Sightline.Indexer.Tests.Ingest;

/// <summary>Real files into a real database; only the model is small.</summary>
public sealed class IngestPipelineTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly DeviceQueue _device = new();
    private readonly PointEmbedder _embedder = new();
    private PostgresServer _server = null!;
    private NpgsqlDataSource _source = null!;
    private Catalog _catalog = null!;

    private string Root => _folder.PathOf("pictures");

    public async Task InitializeAsync()
    {
        _server = await PostgresServer.StartAsync();
        _source = NpgsqlDataSource.Create(await _server.CreateDatabaseAsync());
        _catalog = new Catalog(_source, TimeProvider.System);
        Directory.CreateDirectory(Root);
    }

    public async Task DisposeAsync()
    {
        _device.Dispose();
        await _source.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Odd_files_are_counted_with_their_reasons_and_the_good_ones_go_in()
    {
        var jpeg = ImageEncoder.EncodeJpeg(Picture(200, 100, 1));
        Write("good.jpg", jpeg);
        Write("wrong-ending.png", jpeg);
        Write("empty.jpg", []);
        Write("text.jpg", "hello, this is no picture at all"u8.ToArray());
        Write("cut.jpg", jpeg[..(jpeg.Length / 2)]);
        Write("one.png", ImageEncoder.EncodePng(new RgbImage(1, 1, [1, 2, 3])));
        Write("huge.png", ImageEncoder.EncodePng(new RgbImage(40_000, 1, new byte[120_000])));

        var counts = (await RunAsync()).Progress().Counts;

        Assert.Equal(2, counts["added"]);
        Assert.Equal(1, counts["duplicate"]);
        Assert.Equal(1, counts["empty_file"]);
        Assert.Equal(1, counts["unknown_format"]);
        Assert.Equal(1, counts["truncated"]);
        var faults = await _catalog.ReadFaultsAsync(null, default).ToListAsync();
        Assert.Equal(["cut.jpg", "empty.jpg", "huge.png", "text.jpg"], faults.Select(f => f.Path));
        Assert.Equal("too_large", faults.Single(f => f.Path == "huge.png").Reason);
        Assert.Equal(3, (await _catalog.ReadStatusAsync(null, default)).Images);
    }

    [Fact]
    public async Task A_second_run_reads_only_what_changed()
    {
        Write("same.png", ImageEncoder.EncodePng(Picture(20, 20, 1)));
        Write("changed.png", ImageEncoder.EncodePng(Picture(20, 20, 2)));
        Write("gone.png", ImageEncoder.EncodePng(Picture(20, 20, 3)));
        Write("bad.png", "no picture"u8.ToArray());
        await RunAsync();
        Write("changed.png", ImageEncoder.EncodePng(Picture(30, 20, 4)));
        Write("new.png", ImageEncoder.EncodePng(Picture(20, 20, 5)));
        File.Delete(Path.Combine(Root, "gone.png"));

        var counts = (await RunAsync()).Progress().Counts;

        Assert.Equal(1, counts["unchanged"]);
        Assert.Equal(1, counts["updated"]);
        Assert.Equal(1, counts["added"]);
        Assert.Equal(1, counts["missing"]);
        Assert.Equal(1, counts["unknown_format"]);
        var images = await _catalog.ReadNewestAsync(0, 10, default);
        Assert.Equal(["changed.png", "new.png", "same.png"], images.Select(i => i.Path).Order(StringComparer.Ordinal));
        Assert.Equal(30, images.Single(i => i.Path == "changed.png").Metadata.Width);
    }

    [Fact]
    public async Task A_file_that_returns_is_no_longer_missing()
    {
        var png = ImageEncoder.EncodePng(Picture(20, 20, 1));
        Write("a.png", png);
        await RunAsync();
        var id = Assert.Single(await _catalog.ReadNewestAsync(0, 10, default)).Id;
        File.Delete(Path.Combine(Root, "a.png"));
        await RunAsync();
        Assert.Empty(await _catalog.ReadNewestAsync(0, 10, default));

        Write("a.png", png);
        await RunAsync();

        Assert.Equal(id, Assert.Single(await _catalog.ReadNewestAsync(0, 10, default)).Id);
    }

    [Fact]
    public async Task A_folder_that_is_gone_marks_nothing_missing()
    {
        Write("a.png", ImageEncoder.EncodePng(Picture(20, 20, 1)));
        await RunAsync();
        Directory.Move(Root, Root + ".unplugged");

        await Assert.ThrowsAnyAsync<IOException>(() => RunAsync());

        Assert.Single(await _catalog.ReadNewestAsync(0, 10, default));
    }

    [Fact]
    public async Task What_the_camera_wrote_and_the_caption_beside_it_are_stored()
    {
        Write("a.jpg", ExifJpeg.WithExif(ImageEncoder.EncodeJpeg(Picture(60, 40, 1)), 6, "Nikon", "Nikon D90", "2024:05:01 08:30:00"));
        Write("a.txt", "a caption\n"u8.ToArray());
        await RunAsync();

        var image = Assert.Single(await _catalog.ReadNewestAsync(0, 10, default));
        Assert.Equal((40, 60, 6), (image.Metadata.Width, image.Metadata.Height, image.Metadata.Orientation));
        Assert.Equal("Nikon D90", image.Metadata.Camera);
        Assert.Equal(new DateTimeOffset(2024, 5, 1, 8, 30, 0, TimeSpan.Zero), image.Metadata.TakenAt);
        Assert.Equal("a caption", image.Caption);
    }

    [Fact]
    public async Task A_model_that_fails_ends_the_run_with_its_error()
    {
        Write("a.png", ImageEncoder.EncodePng(Picture(20, 20, 1)));
        var broken = new PointEmbedder { Space = new EmbeddingSpace("broken", new string('1', 64), 2) };

        await Assert.ThrowsAnyAsync<IndexOutOfRangeException>(() => RunAsync(broken));
    }

    [Fact]
    public async Task Names_that_are_not_UTF8_and_read_alike_end_no_run()
    {
        Write("good.png", ImageEncoder.EncodePng(Picture(20, 20, 1)));
        Write("\ufffd.png", ImageEncoder.EncodePng(Picture(20, 20, 2)));
        await ShellAsync("printf x > $'\\xe8.jpg'; printf x > $'\\xe9.jpg'; printf x > $'\\xe9.png'");
        await ShellAsync("mkdir $'\\xe9t\\xe9'; cp good.png $'\\xe9t\\xe9/'");
        try
        {
            var counts = (await RunAsync()).Progress().Counts;

            Assert.Equal(2, counts["added"]);
            Assert.Equal(4, counts["not_utf8_name"]);
        }
        finally
        {
            await ShellAsync("rm -rf $'\\xe8'* $'\\xe9'*");
        }
    }

    [Fact]
    public async Task A_caption_that_cannot_be_read_or_leads_elsewhere_costs_only_itself()
    {
        using var elsewhere = new TemporaryFolder();
        File.WriteAllText(elsewhere.PathOf("secret"), "a secret");
        Write("a.png", ImageEncoder.EncodePng(Picture(20, 20, 1)));
        Write("b.png", ImageEncoder.EncodePng(Picture(20, 20, 2)));
        File.CreateSymbolicLink(Path.Combine(Root, "a.txt"), elsewhere.PathOf("secret"));
        Directory.CreateDirectory(Path.Combine(Root, "b.txt"));

        await RunAsync();

        Assert.All(await _catalog.ReadNewestAsync(0, 10, default), image => Assert.Null(image.Caption));
    }

    [Fact]
    public async Task A_file_that_could_not_be_read_once_is_tried_again_though_it_did_not_change()
    {
        Write("a.png", ImageEncoder.EncodePng(Picture(20, 20, 1)));
        var file = new FolderWalk(Root, new ExclusionPatterns([]), null).Run().Single();
        var root = await _catalog.AddRootAsync(Root, [], default);
        await _catalog.RecordFaultsAsync(
            [new FileFault(root.Id, file.Path, file.Bytes, file.ModifiedAt, "unreadable", "Permission denied", file.ModifiedAt)], default);

        var counts = (await RunAsync()).Progress().Counts;

        Assert.False(counts.ContainsKey("unreadable"));
        Assert.Single(await _catalog.ReadNewestAsync(0, 10, default));
    }

    private async Task ShellAsync(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", command]) { WorkingDirectory = Root })!;
        await shell.WaitForExitAsync();
        Assert.Equal(0, shell.ExitCode);
    }

    private ThumbnailStore Thumbnails => new(_folder.PathOf("thumbnails"));

    private async Task<IngestCounters> RunAsync(IEmbedder? embedder = null)
    {
        var counters = new IngestCounters(TimeProvider.System, IngestPipeline.Decoders);
        var root = await _catalog.AddRootAsync(Root, [], default);
        var jobs = new JobQueue(_source, TimeProvider.System);
        await jobs.EnqueueAsync(IndexRequest.Kind, new IndexRequest(Root, null), default);
        var job = (await jobs.ClaimAsync("test", [IndexRequest.Kind], default))!.Id;
        var pipeline = new IngestPipeline(_catalog, Thumbnails, embedder ?? _embedder, _device, TimeProvider.System);
        await new FolderIngest(_catalog, new JobParts(_source), pipeline, embedder ?? _embedder, TimeProvider.System)
            .RunAsync(job, "test", root, null, counters, default);
        return counters;
    }

    private void Write(string name, byte[] content) => File.WriteAllBytes(Path.Combine(Root, name), content);

    private static RgbImage Picture(int width, int height, int seed)
    {
        var pixels = new byte[width * height * 3];
        new Random(seed).NextBytes(pixels);
        return new RgbImage(width, height, pixels);
    }
}
