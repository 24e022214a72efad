using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Sightline.TestKit;

namespace Sightline.Cli.Tests;

/// <summary>The built program as whoever runs it sees it: signals, helpers, logs and telemetry.</summary>
public sealed class OperationsTests(DrawnPictures pictures) : IClassFixture<DrawnPictures>, IDisposable
{
    private const int Pictures = DrawnPictures.Count;

    private readonly TemporaryFolder _folder = new(passable: true);

    private string Data => _folder.PathOf("data");

    private string Folder => pictures.Folder;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_server_that_is_stopped_hands_its_job_back_and_the_next_one_ends_it(string signal)
    {
        var (server, http) = Serve(Folder);
        await server.WaitForAsync("Sightline is at");
        await WhileAsync(http, progress => progress.GetProperty("done").GetInt64() == 0);
        await server.SignalAsync(signal);
        Assert.Equal(0, await server.ExitAsync());
        Assert.DoesNotContain("fail:", server.Errors, StringComparison.Ordinal);
        await server.DisposeAsync();

        var (next, again) = Serve(Folder);
        await using (next)
        {
            await next.WaitForAsync("Search it at");

            // The one that was handed back, and, unless it still waited, the next server's own.
            var jobs = (await GetAsync(again, "/api/jobs")).EnumerateArray().ToList();
            Assert.All(jobs, j => Assert.Equal("succeeded", j.GetProperty("state").GetString()));
            Assert.InRange(jobs[^1].GetProperty("progress").GetProperty("counts").GetProperty("unchanged").GetInt64(), 1, Pictures - 1);
            Assert.Equal(Pictures, (await GetAsync(again, "/api/status")).GetProperty("catalog").GetProperty("images").GetInt32());
        }
    }

    [Fact]
    public async Task Ctrl_C_twice_ends_at_once_and_loses_nothing()
    {
        var (server, http) = Serve(Folder);
        await server.WaitForAsync("Sightline is at");
        await WhileAsync(http, progress => progress.GetProperty("done").GetInt64() == 0);
        await server.SignalAsync("INT");
        await server.WaitForAsync("Stopping");
        while (!server.HasExited)
        {
            await server.SignalAsync("INT");
        }

        await server.DisposeAsync();

        Assert.Equal(Pictures, (await IndexAsync()).GetProperty("progress").GetProperty("total").GetInt64());
        Assert.Equal(Pictures, (await StatusAsync()).GetProperty("catalog").GetProperty("images").GetInt32());
    }

    [Fact]
    public async Task A_worker_helps_and_killing_it_loses_nothing()
    {
        var (server, _) = Serve();
        await using (server)
        {
            await server.WaitForAsync("Sightline is at");
            var worker = SightlineProcess.Start(Data, "worker");
            await worker.WaitForAsync("Helping with");
            var indexing = IndexAsync();
            await worker.WaitForAsync(" files, ");
            await worker.KillAsync();
            await worker.DisposeAsync();

            var job = await indexing;

            Assert.Equal("succeeded", job.GetProperty("state").GetString());
            var counts = job.GetProperty("progress").GetProperty("counts");
            Assert.Equal(Pictures, counts.EnumerateObject().Sum(c => c.Value.GetInt64()));
            Assert.Equal(Pictures, (await StatusAsync()).GetProperty("catalog").GetProperty("images").GetInt32());
            Assert.Equal(Pictures, (await StatusAsync()).GetProperty("indexed").GetInt32());
        }
    }

    [Fact]
    public async Task A_worker_without_a_server_says_so()
    {
        var (exit, _, errors) = await SightlineProcess.RunAsync(_folder.PathOf("nothing"), "worker");

        Assert.Equal(1, exit);
        Assert.Contains("No server runs on", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_are_lines_of_JSON_on_request_and_never_hold_a_key()
    {
        const string Secret = "sl_thisisnokeyatall";
        var (server, http) = Serve(null, "--log-format", "json", "--verbose", "--require-keys");
        var (exit, key, errors) = await SightlineProcess.RunAsync(Data, "keys", "create", "someone", "--scope", "admin");
        Assert.True(exit == 0, errors);
        await server.DisposeAsync();
        (server, http) = Serve(null, "--log-format", "json", "--verbose", "--require-keys");
        await using (server)
        {
            await server.WaitForAsync("Sightline is at");
            using var wrong = await http.GetAsync($"/api/search?q=dog&key={Secret}");
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
            await server.WaitForAsync("/api/search");
            var lines = server.Errors.Split('\n').Where(l => l.StartsWith('{')).Select(l => JsonElement.Parse(l)).ToList();
            Assert.NotEmpty(lines);
            Assert.All(lines, l => Assert.True(l.TryGetProperty("Category", out _) && l.TryGetProperty("Timestamp", out _)));
            Assert.DoesNotContain(Secret, server.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Metrics_and_spans_reach_a_collector_over_OTLP()
    {
        var received = new ConcurrentDictionary<string, string>();
        var port = SightlineProcess.FreePort();
        using var collector = new HttpListener();
        collector.Prefixes.Add($"http://127.0.0.1:{port}/");
        collector.Start();
        var collecting = CollectAsync(collector, received);
        var environment = new[] { ("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://127.0.0.1:{port}"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf") };
        var page = SightlineProcess.FreePort();
        await using (var server = SightlineProcess.Start(Data, environment, "serve", Folder, "--port", page.ToString(CultureInfo.InvariantCulture)))
        {
            await server.WaitForAsync("Search it at");
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{page}") };
            await GetAsync(http, "/api/search?q=star&key=sl_asecret");
        }

        collector.Stop();
        await collecting;

        // Protocol buffers keep their texts as they are.
        Assert.Contains("sightline.embed.text.duration", received["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("sightline.index.images", received["/v1/metrics"], StringComparison.Ordinal);
        foreach (var span in new[] { "job index", "embed images", "embed texts", "search index", "GET /api/search", "service.name" })
        {
            Assert.Contains(span, received["/v1/traces"], StringComparison.Ordinal);
        }

        Assert.DoesNotContain("sl_asecret", string.Concat(received.Values), StringComparison.Ordinal);
    }

    private static async Task CollectAsync(HttpListener collector, ConcurrentDictionary<string, string> received)
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await collector.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            received.AddOrUpdate(context.Request.Url!.AbsolutePath, Encoding.Latin1.GetString(body.ToArray()), (_, before) => before + Encoding.Latin1.GetString(body.ToArray()));
            context.Response.Close();
        }
    }

    private (SightlineProcess Server, HttpClient Http) Serve(string? folder = null, params string[] options)
    {
        var port = SightlineProcess.FreePort();
        string[] arguments = ["serve", .. folder is null ? [] : new[] { folder }, "--port", port.ToString(CultureInfo.InvariantCulture), .. options];
        return (SightlineProcess.Start(Data, arguments), new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") });
    }

    private async Task<JsonElement> IndexAsync()
    {
        var (exit, output, errors) = await SightlineProcess.RunAsync(Data, "index", Folder, "--json");
        Assert.True(exit == 0, errors);
        return JsonElement.Parse(output);
    }

    private async Task<JsonElement> StatusAsync() => JsonElement.Parse((await SightlineProcess.RunAsync(Data, "db", "status", "--json")).Output);

    // Until the first job's progress is another.
    private static async Task WhileAsync(HttpClient http, Func<JsonElement, bool> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while ((await GetAsync(http, "/api/jobs")).EnumerateArray().ToList() is not [var job, ..] || isSo(job.GetProperty("progress")))
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    private static async Task<JsonElement> GetAsync(HttpClient http, string path)
    {
        using var response = await http.GetAsync(path);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode}");
        return JsonElement.Parse(await response.Content.ReadAsStringAsync());
    }
}

/// <summary>Drawn once for all tests, which only read them.</summary>
public sealed class DrawnPictures : IAsyncLifetime
{
    internal const int Count = 900;

    private readonly TemporaryFolder _folder = new(passable: true);

    internal string Folder => _folder.PathOf("pictures");

    public async Task InitializeAsync()
    {
        var (exit, _, errors) = await SightlineProcess.RunAsync(
            _folder.PathOf("data"), "demo-data", Count.ToString(CultureInfo.InvariantCulture), "--out", Folder, "--seed", "3");
        Assert.True(exit == 0, errors);
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }
}
