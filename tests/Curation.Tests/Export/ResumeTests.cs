using Sightline.Curation.Export;
using Sightline.Curation.Parquet;

namespace Sightline.Curation.Tests.Export;

public sealed class ResumeTests : IDisposable
{
    private readonly ExportFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(ExportFormat.WebDataset)]
    [InlineData(ExportFormat.ImageFolder)]
    public async Task An_export_that_was_killed_again_and_again_ends_as_if_it_never_was(ExportFormat format)
    {
        WriteImages(2000);
        var folder = _fixture.PathOf("killed");
        Dictionary<string, DateTime> complete = [];
        foreach (var pairs in new[] { 1, 300, 700, 701, 1200, 1650 })
        {
            using var child = ChildExport.Start(_fixture, folder, format, killAt: pairs);
            await child.WaitForExitAsync();

            Assert.Equal(128 + 9, child.ExitCode);
            Assert.False(File.Exists(Path.Combine(folder, "manifest.json")));
            Assert.All(complete, shard => Assert.Equal(shard.Value, File.GetLastWriteTimeUtc(shard.Key)));
            complete = Receipts(folder).ToDictionary(path => path, File.GetLastWriteTimeUtc);
        }

        await _fixture.ExportSoundAsync(ChildExport.Request(folder, format));
        await _fixture.ExportSoundAsync(ChildExport.Request(_fixture.PathOf("whole"), format));

        Assert.NotEmpty(complete);
        Assert.Equal(ExportFixture.Digests(_fixture.PathOf("whole")), ExportFixture.Digests(folder));
    }

    [Fact]
    public async Task Shards_that_are_complete_are_not_written_again()
    {
        WriteImages(600);
        var request = ChildExport.Request(_fixture.PathOf("out"), ExportFormat.WebDataset);
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new DatasetExporter(_fixture.Source()).RunAsync(request, p =>
        {
            if (!p.IsPlanning)
            {
                stop.Cancel();
            }
        }, stop.Token));
        Assert.Empty(Directory.EnumerateFiles(request.Folder, "*.unfinished", SearchOption.AllDirectories));
        var tars = Directory.GetFiles(request.Folder, "*.tar", SearchOption.AllDirectories);
        var before = tars.ToDictionary(path => path, File.GetLastWriteTimeUtc);

        var reports = new List<ExportProgress>();
        await new DatasetExporter(_fixture.Source()).RunAsync(request, reports.Add, CancellationToken.None);
        await _fixture.ExportSoundAsync(request);

        var written = before.Keys.Sum(tar => (int)Table(tar).Rows);
        Assert.Equal(new ExportProgress(IsPlanning: false, 514, 514, reports[^1].ImageBytes, written), reports[^1]);
        Assert.NotEmpty(before);
        Assert.All(before, f => Assert.Equal(f.Value, File.GetLastWriteTimeUtc(f.Key)));
    }

    [Fact]
    public async Task A_full_disk_is_named_and_with_room_the_export_goes_on()
    {
        var picture = _fixture.AddFile("a.jpg", ExportFixture.Picture(1));
        _fixture.Write([.. Enumerable.Range(0, 6000).Select(i => new TestPair($"k{i}", "x", picture))]);
        var request = _fixture.Request(ExportFormat.WebDataset) with { ShardSize = 1000 };

        // The device's every write fails as on a full disk.
        var full = await Assert.ThrowsAsync<ExportException>(() => new DatasetExporter(_fixture.Source()).RunAsync(request, p =>
        {
            if (p is { IsPlanning: false, Pairs: 4096 })
            {
                File.CreateSymbolicLink(_fixture.PathOf("out", "00005.tar.unfinished"), "/dev/full");
            }
        }, CancellationToken.None));
        var complete = File.GetLastWriteTimeUtc(_fixture.PathOf("out", "00003.tar"));
        await _fixture.ExportSoundAsync(request);

        Assert.Contains($"There is no space left in {request.Folder}", full.Message, StringComparison.Ordinal);
        Assert.Equal(complete, File.GetLastWriteTimeUtc(_fixture.PathOf("out", "00003.tar")));
    }

    [Fact]
    public async Task An_export_of_something_else_in_the_folder_is_refused_by_name_and_one_that_is_complete_is_left_alone()
    {
        WriteImages(60);
        var request = _fixture.Request(ExportFormat.WebDataset);
        var manifest = await _fixture.ExportAsync(request);
        var before = Directory.EnumerateFiles(request.Folder).ToDictionary(f => f, File.GetLastWriteTimeUtc);

        Assert.Contains("the recipe changed", await RefuseAsync(request, _fixture.Source(recipe: "{}")), StringComparison.Ordinal);
        Assert.Contains(
            "the verdicts changed", await RefuseAsync(request, _fixture.Source(new() { [3] = false })), StringComparison.Ordinal);
        Assert.Contains("the request changed", await RefuseAsync(request with { Seed = 7 }, _fixture.Source()), StringComparison.Ordinal);
        Assert.Contains(
            "the dataset changed", await RefuseAsync(request, _fixture.Source() with { Name = "trees" }), StringComparison.Ordinal);
        var again = await _fixture.ExportAsync(request);

        Assert.Equal(manifest.Rows, again.Rows);
        Assert.Equal(before, Directory.EnumerateFiles(request.Folder).ToDictionary(f => f, File.GetLastWriteTimeUtc));
        Assert.False(Directory.Exists(Path.Combine(request.Folder, ".export")));
    }

    [Fact]
    public async Task A_folder_of_something_else_is_left_as_it_is()
    {
        WriteImages(3);
        Directory.CreateDirectory(_fixture.PathOf("out"));
        await File.WriteAllTextAsync(_fixture.PathOf("out", "thesis.txt"), "mine");

        Assert.Contains(
            "is not empty", await RefuseAsync(_fixture.Request(ExportFormat.WebDataset), _fixture.Source()), StringComparison.Ordinal);

        Assert.Equal([_fixture.PathOf("out", "thesis.txt")], Directory.EnumerateFileSystemEntries(_fixture.PathOf("out")));
    }

    [Fact]
    public async Task Two_at_once_do_not_write_to_one_folder()
    {
        WriteImages(3);
        Directory.CreateDirectory(_fixture.PathOf("out", ".export"));
        await using (new FileStream(_fixture.PathOf("out", ".export", "lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.Contains(
                "Another process",
                await RefuseAsync(_fixture.Request(ExportFormat.WebDataset), _fixture.Source()),
                StringComparison.Ordinal);
        }

        await _fixture.ExportSoundAsync(_fixture.Request(ExportFormat.WebDataset));
    }

    [Fact]
    public async Task A_recipe_that_is_no_JSON_and_verdicts_of_another_run_are_refused()
    {
        _fixture.Write([new TestPair("k", "x", "", 2)]);

        Assert.Contains(
            "no JSON",
            await RefuseAsync(_fixture.Request(ExportFormat.Csv), _fixture.Source(recipe: "filters:")),
            StringComparison.Ordinal);
        Assert.Contains(
            "reason 2",
            await RefuseAsync(_fixture.Request(ExportFormat.Csv), _fixture.Source() with { Reasons = ["one"] }),
            StringComparison.Ordinal);
    }

    private static ParquetFile Table(string tar) => ParquetFile.Open(Path.ChangeExtension(tar, ".parquet"));

    private static string[] Receipts(string folder) => Directory.Exists(Path.Combine(folder, ".export"))
        ? Directory.GetFiles(Path.Combine(folder, ".export"), "*.receipt")
        : [];

    private async Task<string> RefuseAsync(ExportRequest request, ExportSource source) =>
        (await Assert.ThrowsAsync<ExportException>(() => _fixture.ExportAsync(request, source))).Message;

    private void WriteImages(int count)
    {
        var tar = _fixture.AddTar(
            "images.tar", [.. Enumerable.Range(0, count).Select(i => (byte[])[.. ExportFixture.Picture(i), .. new byte[2000]])]);
        _fixture.Write([.. tar.Select((image, i) => new TestPair($"k{i}", $"caption {i}", image, (ushort)(i % 7 == 0 ? 1 : 0)))]);
    }
}
