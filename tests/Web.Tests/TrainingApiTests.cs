using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sightline.TestKit;

namespace Sightline.Web.Tests;

/// <summary>The built program with nothing but a folder for trainings, which the tests write.</summary>
public sealed class TrainingServer : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new(passable: true);
    private SightlineProcess _process = null!;

    public HttpClient Http { get; private set; } = null!;

    /// <summary>The page before there was any training.</summary>
    public string EmptyPage { get; private set; } = "";

    public string Secret => _folder.PathOf("secret.png");

    public TrainingFolder New(string name) => new(_folder.PathOf("data", "training", name));

    public async Task InitializeAsync()
    {
        File.WriteAllText(Secret, "hidden words");
        var port = SightlineProcess.FreePort();
        _process = SightlineProcess.Start(_folder.PathOf("data"), "serve", "--port", port.ToString(CultureInfo.InvariantCulture));
        await _process.WaitForAsync("Sightline is at");
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        EmptyPage = await Http.GetStringAsync("/training");
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await _process.DisposeAsync();
        _folder.Dispose();
    }
}

public sealed class TrainingApiTests(TrainingServer server) : IClassFixture<TrainingServer>
{
    [Fact]
    public async Task A_training_is_listed_and_told_with_its_pace_and_configuration()
    {
        var run = server.New("told");
        run.WriteRun("running", 200, 1000, bestStep: 100, bestScore: 0.5);
        File.WriteAllText(run.PathOf("config.yaml"), "seed: 7\n");
        foreach (var step in Enumerable.Range(1, 20))
        {
            run.AddLine("train", 10 * step, ("loss", 5), ("images_per_second", 64));
        }

        var answer = await GetAsync("/api/training/told");
        var told = answer.GetProperty("run");

        Assert.Equal(("told", "clip", "running"), (Text(told, "name"), Text(told, "kind"), Text(told, "state")));
        Assert.Equal((200, 1000, 1, 64, 800), (Number(told, "step"), Number(told, "steps"), Number(told, "stepsPerSecond"), Number(told, "imagesPerSecond"), Number(told, "secondsLeft")));
        Assert.Equal("Runs on cpu, bf16: 200 of 1,000 steps done, 1.0 steps a second lately, 14 min left.", Text(told, "summary"));
        Assert.Equal((100, 0.5), (Number(told, "bestStep"), Number(told, "bestScore")));
        Assert.Equal("seed: 7\n", Text(answer, "config"));
        var listed = (await GetAsync("/api/training")).GetProperty("runs").EnumerateArray().Single(r => Text(r, "name") == "told");
        Assert.Equal(told.ToString(), listed.ToString());
    }

    [Fact]
    public async Task A_training_whose_process_is_gone_is_stopped_and_has_no_time_left()
    {
        var run = server.New("gone");
        run.WriteRun("running", 200, 1000, process: (Environment.ProcessId, 1));
        run.AddLine("train", 10, ("loss", 5));
        run.AddLine("train", 20, ("loss", 5));

        var told = (await GetAsync("/api/training/gone")).GetProperty("run");

        Assert.Equal(("stopped", JsonValueKind.Null), (Text(told, "state"), told.GetProperty("secondsLeft").ValueKind));
        Assert.StartsWith("Its process is gone", Text(told, "error"), StringComparison.Ordinal);
        using var refused = await server.Http.PostAsync("/api/training/gone/stop", null);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
    }

    [Fact]
    public async Task Metrics_come_from_where_the_last_answer_ended_and_cut_lines_wait_for_their_end()
    {
        var run = server.New("growing");
        run.WriteRun("running", 1, 10);
        Assert.Equal(0, Number(await GetAsync("/api/training/growing/metrics"), "next"));
        run.AddLine("train", 1, ("loss", 3));
        run.AddText("""{"step":2,"time":"2026-01""");
        var first = await GetAsync("/api/training/growing/metrics");
        Assert.Equal([1], Curve(first, "train", "loss").GetProperty("steps").EnumerateArray().Select(s => s.GetInt32()));
        run.AddText("""-31T12:00:02Z","kind":"train","figures":{"loss":2}}""" + "\nno record\n");

        var second = await GetAsync($"/api/training/growing/metrics?from={first.GetProperty("next")}");

        Assert.Equal([2], Curve(second, "train", "loss").GetProperty("values").EnumerateArray().Select(s => s.GetInt32()));
        Assert.Equal((1, new FileInfo(run.Metrics).Length), (Number(second, "faults"), Number(second, "next")));
        Assert.Contains("metrics.jsonl", Text(second, "firstFault"), StringComparison.Ordinal);
        var third = await GetAsync($"/api/training/growing/metrics?from={second.GetProperty("next")}");
        Assert.Equal((0, second.GetProperty("next").GetInt64()), (third.GetProperty("curves").GetArrayLength(), Number(third, "next")));
    }

    [Fact]
    public async Task Figures_that_are_no_numbers_are_strings_and_told_by_their_steps()
    {
        var run = server.New("exploded");
        run.WriteRun("failed", 3, 10, error: "The loss is not a number.", bestStep: 1, bestScore: 0);
        run.AddLine("train", 1, ("loss", 3));
        run.AddLine("train", 2, ("loss", double.PositiveInfinity));
        run.AddLine("train", 3, ("loss", double.NaN));

        var loss = Curve(await GetAsync("/api/training/exploded/metrics"), "train", "loss");

        Assert.Equal("[3,\"Infinity\",\"NaN\"]", loss.GetProperty("values").GetRawText());
        Assert.Equal("[2,3]", loss.GetProperty("notFinite").GetRawText());
        Assert.Equal("Failed after 3 of 10 steps.", Text((await GetAsync("/api/training/exploded")).GetProperty("run"), "summary"));
    }

    [Fact]
    public async Task Long_curves_are_thinned_when_asked()
    {
        var run = server.New("long");
        run.WriteRun("finished", 5000, 5000);
        run.AddText(string.Concat(Enumerable.Range(1, 5000).Select(i => TrainingFolder.LineOf("train", i, ("loss", i)) + "\n")));
        run.AddLine("validation", 5000, ("loss", 1), ("recall_at_10", 0.25));

        var thin = await GetAsync("/api/training/long/metrics?points=100");
        var whole = await GetAsync("/api/training/long/metrics");

        Assert.Equal((100, 5000), (Curve(thin, "train", "loss").GetProperty("steps").GetArrayLength(), Curve(whole, "train", "loss").GetProperty("steps").GetArrayLength()));
        Assert.Equal((1, 50), (Curve(thin, "train", "loss").GetProperty("lows")[0].GetInt32(), Curve(thin, "train", "loss").GetProperty("highs")[0].GetInt32()));
        Assert.Equal(JsonValueKind.Null, Curve(thin, "validation", "recall_at_10").GetProperty("lows").ValueKind);
        Assert.Equal(thin.GetProperty("next").ToString(), whole.GetProperty("next").ToString());
    }

    [Fact]
    public async Task Samples_are_listed_in_order_and_nothing_else_is_served()
    {
        var run = server.New("samples here");
        run.WriteRun("finished", 10, 10);
        run.AddSample("step-00000020-pictures.png", Server.Png(1, 2, 3));
        run.AddSample("step-00000010-pictures.png", Server.Png(1, 2, 3));
        run.AddSample("other & more.png", Server.Png(1, 2, 3));
        File.WriteAllText(run.PathOf("samples/notes.txt"), "hidden words");
        File.CreateSymbolicLink(run.PathOf("samples/link.png"), server.Secret);

        const string Path = "/api/training/samples%20here/samples";
        var samples = (await GetAsync(Path)).EnumerateArray().ToList();

        Assert.Equal(["other & more.png", "step-00000010-pictures.png", "step-00000020-pictures.png"], samples.Select(s => Text(s, "file")));
        Assert.Equal(("pictures", 10), (Text(samples[1], "subject"), Number(samples[1], "step")));
        foreach (var sample in samples)
        {
            using var picture = await server.Http.GetAsync($"{Path}/{Uri.EscapeDataString(Text(sample, "file"))}");
            Assert.Equal(("image/png", Number(sample, "bytes")), (picture.Content.Headers.ContentType!.MediaType, picture.Content.Headers.ContentLength!.Value));
            using var again = new HttpRequestMessage(HttpMethod.Get, $"{Path}/{Uri.EscapeDataString(Text(sample, "file"))}") { Headers = { { "If-None-Match", picture.Headers.ETag!.Tag } } };
            Assert.Equal(HttpStatusCode.NotModified, (await server.Http.SendAsync(again)).StatusCode);
        }

        foreach (var hostile in new[]
        {
            "link.png", "notes.txt", "nothing.png", "..%2Fconfig.yaml", "..%2F..%2F..%2F..%2Fsecret.png", "%2Fetc%2Fpasswd", "../run.json", "step-00000010-pictures.png%00", "..\\run.json",
        })
        {
            using var refused = await RawAsync($"{Path}/{hostile}");
            Assert.True(refused.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest or HttpStatusCode.MethodNotAllowed, $"{hostile}: {refused.StatusCode}");
            Assert.DoesNotContain("hidden words", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("..")]
    [InlineData("%2e%2e")]
    [InlineData("..%2F..")]
    [InlineData("%2Fetc")]
    [InlineData("no%00thing")]
    [InlineData("..%5C..")]
    public async Task Names_of_no_training_lead_nowhere(string name)
    {
        server.New("told too").WriteRun("finished", 1, 1);
        foreach (var (method, rest) in new[] { (HttpMethod.Get, ""), (HttpMethod.Get, "/metrics"), (HttpMethod.Get, "/samples"), (HttpMethod.Get, "/samples/a.png"), (HttpMethod.Post, "/stop") })
        {
            using var response = await RawAsync($"/api/training/{name}{rest}", method);
            Assert.True(response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest or HttpStatusCode.MethodNotAllowed, $"{method} {name}{rest}: {response.StatusCode}");
        }
    }

    [Fact]
    public async Task Names_of_any_letters_are_found_again()
    {
        foreach (var name in new[] { "größe 1", "a&b=c?d#e", "100%", "<script>alert(1)</script>"[..8], "it's", "名前" })
        {
            server.New(name).WriteRun("finished", 1, 1);
            Assert.Equal(name, Text((await GetAsync($"/api/training/{Uri.EscapeDataString(name)}")).GetProperty("run"), "name"));
            using var page = await server.Http.GetAsync($"/training/{Uri.EscapeDataString(name)}");
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            Assert.DoesNotContain("<script>", (await page.Content.ReadAsStringAsync()).Replace("<script src", "", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_damaged_folder_is_told_and_takes_no_other_away()
    {
        File.WriteAllText(server.New("damaged").Run, "{");
        server.New("whole").WriteRun("finished", 1, 1);

        var list = await GetAsync("/api/training");

        Assert.Contains(list.GetProperty("runs").EnumerateArray(), r => Text(r, "name") == "whole");
        var damaged = Assert.Single(list.GetProperty("damaged").EnumerateArray().ToList());
        Assert.Contains("run.json cannot be understood", Text(damaged, "problem"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, (await server.Http.GetAsync("/api/training/damaged")).StatusCode);
        Assert.Contains("cannot be understood", await server.Http.GetStringAsync("/training/damaged"), StringComparison.Ordinal);
        Assert.Contains("cannot be understood", await server.Http.GetStringAsync("/training"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("from=1", "begin at 0 again")]
    [InlineData("from=-1", "begin at 0 again")]
    [InlineData("from=9223372036854775807", "begin at 0 again")]
    [InlineData("points=1", "2 to 10000")]
    [InlineData("points=10001", "2 to 10000")]
    [InlineData("from=x", "")]
    public async Task Bad_requests_are_problems_with_a_reason(string query, string detail)
    {
        var run = server.New("asked wrongly");
        run.WriteRun("finished", 1, 1);
        if (!File.Exists(run.Metrics))
        {
            run.AddLine("train", 1, ("loss", 1));
        }

        using var response = await server.Http.GetAsync("/api/training/asked%20wrongly/metrics?" + query);

        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.Contains(detail, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_training_is_asked_to_stop_and_no_other_process_is()
    {
        using var sleep = Process.Start("env", ["--default-signal=INT", "sleep", "100"]);
        var run = server.New("to be stopped");
        run.WriteRun("running", 1, 10, process: (sleep.Id, TrainingFolder.StartTicksOf(sleep.Id) + 1));
        Assert.Equal(HttpStatusCode.Conflict, (await server.Http.PostAsync("/api/training/to%20be%20stopped/stop", null)).StatusCode);
        run.WriteRun("finished", 1, 10, process: (sleep.Id, TrainingFolder.StartTicksOf(sleep.Id)));
        Assert.Equal(HttpStatusCode.Conflict, (await server.Http.PostAsync("/api/training/to%20be%20stopped/stop", null)).StatusCode);
        Assert.False(sleep.HasExited);

        run.WriteRun("running", 1, 10, process: (sleep.Id, TrainingFolder.StartTicksOf(sleep.Id)));
        using var foreign = new HttpRequestMessage(HttpMethod.Post, "/api/training/to%20be%20stopped/stop") { Headers = { { "Origin", "https://evil.example" } } };
        Assert.Equal(HttpStatusCode.Forbidden, (await server.Http.SendAsync(foreign)).StatusCode);
        Assert.False(sleep.HasExited);
        Assert.Equal(HttpStatusCode.Accepted, (await server.Http.PostAsync("/api/training/to%20be%20stopped/stop", null)).StatusCode);

        await sleep.WaitForExitAsync();
        Assert.Equal(130, sleep.ExitCode);
        Assert.Equal("stopped", Text((await GetAsync("/api/training/to%20be%20stopped")).GetProperty("run"), "state"));
    }

    [Fact]
    public void The_page_says_how_to_begin_where_there_is_no_training()
    {
        Assert.Contains("id=\"no-trainings\"", server.EmptyPage, StringComparison.Ordinal);
        Assert.Contains("./sightline train clip --config clip.yaml", server.EmptyPage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_endpoints_are_described()
    {
        var paths = (await GetAsync("/openapi.json")).GetProperty("paths");

        Assert.All(
            new[] { "/api/training", "/api/training/{name}", "/api/training/{name}/metrics", "/api/training/{name}/samples", "/api/training/{name}/samples/{file}", "/api/training/{name}/stop" },
            path => Assert.True(paths.TryGetProperty(path, out _), path));
    }

    private Task<HttpResponseMessage> RawAsync(string path, HttpMethod? method = null) => server.Http.SendAsync(new HttpRequestMessage(
        method ?? HttpMethod.Get, new Uri(server.Http.BaseAddress!.AbsoluteUri.TrimEnd('/') + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true })));

    private async Task<JsonElement> GetAsync(string path)
    {
        using var response = await server.Http.GetAsync(path);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {await response.Content.ReadAsStringAsync()}");
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static JsonElement Curve(JsonElement metrics, string kind, string name) =>
        metrics.GetProperty("curves").EnumerateArray().Single(c => Text(c, "kind") == kind && Text(c, "name") == name);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();
}
