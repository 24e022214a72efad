using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sightline.Curation;
using Sightline.Curation.Parquet;
using Sightline.Indexer.Download;
using Sightline.Indexer.Tests.Measure;
using Sightline.Models.Images;
using Sightline.Search;

namespace Sightline.Indexer.Tests.Download;

/// <summary>Addresses into shards, from a real server.</summary>
public sealed class DatasetDownloadTests : IDisposable
{
    private readonly DatasetFixture _fixture = new();
    private readonly PictureServer _server = new();

    public void Dispose()
    {
        _server.Dispose();
        _fixture.Dispose();
    }

    private string Output => _fixture.PathOf("shards");

    private DownloadRequest Request => new(_fixture.Dataset.Folder, Output) { TimeoutSeconds = 3, MaxBytes = 100_000 };

    [Fact]
    public async Task Each_address_ends_as_a_row_with_its_status()
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(PictureServer.Jpeg));
        (string Url, string Sha256, string Status, string? Error)[] cases =
        [
            (_server.Url("/a.jpg"), "", "success", null),
            (_server.Url("/a.jpg"), "", "success", null),
            (_server.Url("/png"), "", "success", null),
            (_server.Url("/missing"), "", "failed_to_download", "404"),
            (_server.Url("/flaky"), "", "success", null),
            (_server.Url("/limited"), "", "success", null),
            (_server.Url("/broken"), "", "failed_to_download", "500"),
            (_server.Url("/noai"), "", "failed_to_download", "X-Robots-Tag: noai"),
            (_server.Url("/noai-us"), "", "failed_to_download", "X-Robots-Tag: noimageindex"),
            (_server.Url("/noai-them"), "", "success", null),
            (_server.Url("/secret", "127.0.0.3"), "", "failed_to_download", "no public address"),
            (_server.Url("/to-private"), "", "failed_to_download", "no public address"),
            (_server.Url("/moved"), "", "success", null),
            (_server.Url("/round"), "", "failed_to_download", "redirects more than 5"),
            (_server.Url("/b.jpg"), hash.ToUpperInvariant(), "success", null),
            (_server.Url("/b.jpg"), new string('0', 64), "failed_to_verify", hash),
            (_server.Url("/large"), "", "failed_to_download", "more than 100000 bytes"),
            (_server.Url("/slow"), "", "failed_to_download", "took more than 3 s"),
            (_server.Url("/garbage"), "", "failed_to_resize", "which is not JPEG"),
            (_server.Url("/page"), "", "failed_to_download", "text/html"),
            ("not an address", "", "failed_to_download", "only http"),
            ("ftp://photos.example/a.jpg", "", "failed_to_download", "only http"),
        ];
        foreach (var (i, (url, sha256, _, _)) in cases.Index())
        {
            _fixture.Add($"caption {i}", url: url, sha256: sha256);
        }

        _fixture.Add("no address");
        _fixture.Add("has an image", image: "/there.jpg", url: _server.Url("/never"));
        _fixture.Save();

        var counters = await RunAsync(Request);

        var rows = Rows("00000");
        Assert.Equal(cases.Select(c => c.Status), rows.Select(r => r["status"]));
        foreach (var (i, (url, _, _, error)) in cases.Index())
        {
            Assert.Equal((url, $"caption {i}", $"00000{i:D4}", $"k{i}"), (rows[i]["url"], rows[i]["caption"], rows[i]["key"], rows[i]["uid"]));
            Assert.True(error is null ? rows[i]["error_message"] is null : rows[i]["error_message"]!.Contains(error, StringComparison.Ordinal), rows[i]["error_message"]);
        }

        Assert.Equal(("60", "40", "60", "40", hash), (rows[0]["width"], rows[0]["height"], rows[0]["original_width"], rows[0]["original_height"], rows[0]["sha256"]));
        Assert.Null(rows[3]["width"]);

        // Once: pairs of one address, what no retry mends; three times: what may pass.
        foreach (var (path, times) in new[]
        {
            ("/a.jpg", 1), ("/missing", 1), ("/flaky", 3), ("/limited", 2), ("/broken", 3), ("/noai", 1), ("/to-private", 1), ("/slow", 3), ("/secret", 0), ("/never", 0),
        })
        {
            Assert.Equal((path, times), (path, _server.Requests(path)));
        }

        var entries = Entries("00000");
        Assert.Equal(3 * cases.Count(c => c.Status == "success"), entries.Count);
        Assert.Equal(PictureServer.Jpeg, entries["000000000.jpg"]);
        Assert.Equal("caption 1", Encoding.UTF8.GetString(entries["000000001.txt"]));
        Assert.Equal(ImageEncoder.EncodeJpeg(DatasetFixture.Noise(30, 50, 2), 95), entries["000000002.jpg"]);
        var json = JsonDocument.Parse(entries["000000004.json"]).RootElement;
        Assert.Equal(("caption 4", "success", 60), (json.GetProperty("caption").GetString(), json.GetProperty("status").GetString(), json.GetProperty("width").GetInt32()));

        var statistics = JsonDocument.Parse(File.ReadAllText(Path.Combine(Output, "00000_stats.json"))).RootElement;
        Assert.Equal(
            (22, 8, 12, 1, 1),
            (statistics.GetProperty("count").GetInt32(), statistics.GetProperty("successes").GetInt32(), statistics.GetProperty("failed_to_download").GetInt32(),
                statistics.GetProperty("failed_to_resize").GetInt32(), statistics.GetProperty("failed_to_verify").GetInt32()));
        Assert.Equal((8, 2, 3), (Reason("success"), Reason("opted_out"), Reason("bad_address") + Reason("http_404")));
        int Reason(string name) => statistics.GetProperty("status_dict").GetProperty(name).GetInt32();

        var progress = counters.Progress("downloading");
        Assert.Equal((24L, 24L, 14L), (progress.Done, progress.Total, progress.Failed));
        Assert.Equal((8L, 12L, 1L, 1L), (progress.Counts["success"], progress.Counts["failed_to_download"], progress.Counts["no_url"], progress.Counts["has_image"]));
    }

    [Fact]
    public async Task An_opt_out_is_ignored_only_when_that_is_asked_for()
    {
        _fixture.Add("a", url: _server.Url("/noai"));
        _fixture.Save();

        Assert.Equal(1, (await RunAsync(Request with { IgnoreOptOut = true })).Outcomes["success"]);
    }

    [Fact]
    public async Task A_download_that_was_stopped_goes_on_without_fetching_whole_shards_again()
    {
        Fill(("/first", 5), ("/second", 5), ("/gated", 5));
        _fixture.Save();
        using var stop = new CancellationTokenSource();
        var running = RunAsync(Request with { TimeoutSeconds = 100 }, stop.Token);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!File.Exists(Path.Combine(Output, "00001_stats.json")) || _server.Requests("/gated?0") == 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(["00000.parquet", "00000.tar", "00000_stats.json", "00001.parquet", "00001.tar", "00001_stats.json", "download.json"], Files());
        _server.OpenGate();

        var counters = await RunAsync(Request with { PerHost = 1 });

        Assert.Equal((15L, 5L), (counters.Outcomes["success"], counters.Worked));
        Assert.Equal((1, 1, 2), (_server.Requests("/first?0"), _server.Requests("/second?4"), _server.Requests("/gated?0")));
        Assert.Equal([5, 5, 5], new[] { "00000", "00001", "00002" }.Select(s => Rows(s).Count));
        Assert.Equal(15, Entries("00002").Count);
    }

    [Fact]
    public async Task What_a_killed_run_left_of_a_shard_is_made_anew()
    {
        Fill(("/first", 5), ("/second", 5));
        _fixture.Save();
        await RunAsync(Request);
        var whole = Entries("00001");

        // As kill -9 leaves it: one file in its place and cut short, one unfinished, no statistics.
        File.Delete(Path.Combine(Output, "00001_stats.json"));
        File.WriteAllBytes(Path.Combine(Output, "00001.tar"), File.ReadAllBytes(Path.Combine(Output, "00001.tar"))[..700]);
        File.Move(Path.Combine(Output, "00001.parquet"), Path.Combine(Output, "00001.parquet.unfinished"));

        var counters = await RunAsync(Request);

        Assert.Equal((10L, 5L), (counters.Outcomes["success"], counters.Worked));
        Assert.Equal((1, 2), (_server.Requests("/first?0"), _server.Requests("/second?0")));
        Assert.Equal(whole.OrderBy(e => e.Key), Entries("00001").OrderBy(e => e.Key));
        Assert.Equal(["00000.parquet", "00000.tar", "00000_stats.json", "00001.parquet", "00001.tar", "00001_stats.json", "download.json"], Files());
    }

    [Fact]
    public async Task Another_download_is_not_mixed_in()
    {
        Fill(("/first", 1));
        _fixture.Save();
        await RunAsync(Request);

        var other = await Assert.ThrowsAsync<IOException>(() => RunAsync(Request with { Size = 100 }));
        File.Delete(Path.Combine(Output, "download.json"));
        var foreign = await Assert.ThrowsAsync<IOException>(() => RunAsync(Request));

        Assert.Contains("other settings", other.Message, StringComparison.Ordinal);
        Assert.Contains("00000.tar", foreign.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_more_than_so_many_are_under_way()
    {
        for (var i = 0; i < 200; i++)
        {
            _fixture.Add("a", url: _server.Url($"/{i}", $"host{i % 10}.example"));
        }

        _fixture.Save();
        await RunAsync(Request with { Concurrency = 3 });

        Assert.InRange(_server.MostActive, 1, 3);
    }

    [Fact]
    public async Task A_host_gets_its_turns_and_others_are_not_kept_waiting()
    {
        var turns = new HostTurns(3, 2);
        var first = turns.EnterAsync("a", default);
        var second = turns.EnterAsync("a", default);
        var third = turns.EnterAsync("a", default);
        var other = turns.EnterAsync("b", default);
        var late = turns.EnterAsync("c", default);
        Assert.Equal((true, true, false, true, false), (first.IsCompleted, second.IsCompleted, third.IsCompleted, other.IsCompleted, late.IsCompleted));

        turns.Leave("b");
        await late;
        Assert.False(third.IsCompleted);
        turns.Leave("a");
        await third;
    }

    [Theory]
    [InlineData(ResizeMode.None, false, 400, 200, 400, 200)]
    [InlineData(ResizeMode.KeepRatioLargest, false, 400, 200, 100, 50)]
    [InlineData(ResizeMode.KeepRatioSmallest, false, 400, 200, 200, 100)]
    [InlineData(ResizeMode.Border, false, 400, 200, 100, 100)]
    [InlineData(ResizeMode.CenterCrop, false, 200, 400, 100, 100)]
    [InlineData(ResizeMode.CenterCrop, false, 100, 400, 100, 100)]
    [InlineData(ResizeMode.KeepRatioLargest, false, 40, 20, 40, 20)]
    [InlineData(ResizeMode.KeepRatioSmallest, false, 400, 20, 400, 20)]
    [InlineData(ResizeMode.KeepRatioLargest, true, 40, 20, 100, 50)]
    [InlineData(ResizeMode.CenterCrop, true, 40, 20, 100, 100)]
    public void Images_are_resized_as_asked_and_enlarged_only_then(ResizeMode mode, bool enlarge, int width, int height, int toWidth, int toHeight)
    {
        var resized = ImageResizer.Resize(DatasetFixture.Noise(width, height, 1), mode, 100, enlarge);

        Assert.Equal((toWidth, toHeight), (resized.Width, resized.Height));
    }

    [Fact]
    public async Task The_job_reads_its_settings_and_tells_what_came()
    {
        _fixture.Add("a", url: _server.Url("/a.jpg"));
        _fixture.Add("b", url: _server.Url("/missing"));
        _fixture.Save();
        var job = new DownloadJob(new DatasetDownload(_server.Fetch, TimeSpan.FromMilliseconds(10), TimeProvider.System), TimeProvider.System);
        var arguments = JsonSerializer.Serialize(Request with { Resize = ResizeMode.Border, Size = 30, Format = "webp" }, JsonSerializerOptions.Web);

        await job.RunAsync(new Job(new JobId(1), DownloadRequest.Kind, arguments, JobState.Running, JobProgress.None, null, null, false, default, null, null), default);

        Assert.Contains("1 failed_to_download, 1 success", job.Summary(), StringComparison.Ordinal);
        Assert.True(ImageDecoder.TryDecode(Entries("00000")["000000000.webp"], new DecodeOptions(), out var image, out _));
        Assert.Equal(("webp", 30, 30), (image!.Metadata.Format, image.Pixels.Width, image.Pixels.Height));
        Assert.Throws<ArgumentException>(() => (Request with { Quality = 0 }).Check());
    }

    // Each path so often, at the beginning of a shard of its own.
    private void Fill(params (string Path, int Count)[] shards)
    {
        foreach (var (number, (path, count)) in shards.Index())
        {
            for (var i = 0; i < (number == shards.Length - 1 ? count : Shard.Rows); i++)
            {
                _fixture.Add($"caption {i}", url: i < count ? _server.Url($"{path}?{i}", $"{number}.example") : "");
            }
        }
    }

    private async Task<WorkCounters> RunAsync(DownloadRequest request, CancellationToken cancellationToken = default)
    {
        var counters = new WorkCounters(TimeProvider.System, DownloadOutcome.Success, "no_url", "has_image");
        await new DatasetDownload(_server.Fetch, TimeSpan.FromMilliseconds(10), TimeProvider.System)
            .RunAsync(_fixture.Dataset, request, counters, cancellationToken);
        return counters;
    }

    private string[] Files() => [.. Directory.GetFiles(Output).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    private List<Dictionary<string, string?>> Rows(string shard)
    {
        using var file = ParquetFile.Open(Path.Combine(Output, shard + ".parquet"));
        var names = file.Columns.Select(c => c.Name).ToList();
        return [.. file.Read(names, default).SelectMany(batch => Enumerable.Range(0, batch.Count).Select(row => names.Index().ToDictionary(
            n => n.Item,
            n => batch.Columns[n.Index] switch
            {
                ParquetBytes text => text.IsNull(row) ? null : Encoding.UTF8.GetString(text.Span(row)),
                ParquetScalars<int> numbers => numbers.IsNull(row) ? null : numbers.Values[row].ToString(System.Globalization.CultureInfo.InvariantCulture),
                _ => null,
            })))];
    }

    private Dictionary<string, byte[]> Entries(string shard)
    {
        var entries = new Dictionary<string, byte[]>();
        using var tar = new TarReader(File.OpenRead(Path.Combine(Output, shard + ".tar")));
        while (tar.GetNextEntry(copyData: true) is { } entry)
        {
            var bytes = new MemoryStream();
            entry.DataStream?.CopyTo(bytes);
            entries.Add(entry.Name, bytes.ToArray());
        }

        return entries;
    }
}
