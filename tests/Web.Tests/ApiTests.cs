using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Sightline.Models.Images;
using Sightline.TestKit;

namespace Sightline.Web.Tests;

/// <summary>The built program with a few pictures, asked over HTTP as any client would.</summary>
public sealed class Server : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new(passable: true);
    private SightlineProcess _process = null!;

    public HttpClient Http { get; private set; } = null!;

    public string Pictures => _folder.PathOf("pictures");

    public string Secret => _folder.PathOf("secret.png");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Pictures);
        foreach (var (name, red, green, blue) in new[] { ("red", 220, 30, 30), ("green", 30, 200, 60), ("blue", 30, 60, 220), ("link", 1, 2, 3) })
        {
            File.WriteAllBytes(Path.Combine(Pictures, name + ".png"), Png((byte)red, (byte)green, (byte)blue));
        }

        File.WriteAllBytes(Secret, Png(9, 9, 9));
        var port = SightlineProcess.FreePort();
        _process = SightlineProcess.Start(_folder.PathOf("data"), "serve", Pictures, "--port", port.ToString(CultureInfo.InvariantCulture));
        await _process.WaitForAsync("Search it at");
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    public static byte[] Png(byte red, byte green, byte blue) => ImageEncoder.EncodePng(
        new RgbImage(80, 60, [.. Enumerable.Range(0, 80 * 60).SelectMany(i => new[] { (byte)(red ^ i % 5), green, blue })]));
}

public sealed class ApiTests(Server server) : IClassFixture<Server>
{
    [Fact]
    public async Task Words_give_hits_in_score_order_with_all_that_a_client_needs()
    {
        var answer = await JsonAsync("/api/search?q=red&limit=3");
        var hits = answer.GetProperty("hits").EnumerateArray().ToList();

        Assert.Equal(3, hits.Count);
        Assert.True(answer.GetProperty("hasMore").GetBoolean());
        Assert.Equal(hits.Select(h => h.GetProperty("score").GetDouble()).OrderDescending(), hits.Select(h => h.GetProperty("score").GetDouble()));
        Assert.Equal(80, hits[0].GetProperty("width").GetInt32());
        Assert.Equal("sightline-clip-0", answer.GetProperty("model").GetString());
    }

    [Fact]
    public async Task A_search_of_one_folder_finds_what_lies_in_it_and_of_another_nothing()
    {
        var root = (await JsonAsync("/api/status")).GetProperty("roots")[0].GetProperty("id").GetInt64();

        Assert.Equal(4, (await JsonAsync($"/api/search?q=red&root={root}&root={root + 1}")).GetProperty("hits").GetArrayLength());
        Assert.Equal(0, (await JsonAsync($"/api/search?q=red&root={root + 1}")).GetProperty("hits").GetArrayLength());
    }

    [Fact]
    public async Task Near_duplicates_are_groups_of_images()
    {
        Assert.Empty((await JsonAsync("/api/duplicates?above=1")).EnumerateArray());
        var all = Assert.Single((await JsonAsync("/api/duplicates?above=0")).EnumerateArray().ToList());
        var paths = all.GetProperty("images").EnumerateArray().Select(i => i.GetProperty("path").GetString()).Order();
        Assert.Equal(["blue.png", "green.png", "link.png", "red.png"], paths);
    }

    [Theory]
    [InlineData("/api/search?q=%2B%20-%20", 400)]
    [InlineData("/api/search?q=0:dog", 400)]
    [InlineData("/api/search?but=at+night", 400)]
    [InlineData("/api/search?filter=%7B%22colour%22:1%7D", 400)]
    [InlineData("/api/search?from=yesterday", 400)]
    [InlineData("/api/search?sort=best", 400)]
    [InlineData("/api/search?cursor=x", 400)]
    [InlineData("/api/search?q=a&limit=0", 400)]
    [InlineData("/api/search?q=a&limit=1001", 400)]
    [InlineData("/api/search?q=a&offset=-1", 400)]
    [InlineData("/api/search?q=a&limit=many", 400)]
    [InlineData("/api/search?like=999", 404)]
    [InlineData("/api/search?q=a&root=x", 400)]
    [InlineData("/api/duplicates?above=1.5", 400)]
    [InlineData("/api/duplicates?above=-0.1", 400)]
    [InlineData("/api/duplicates?above=much", 400)]
    [InlineData("/api/search?upload=none", 400)]
    [InlineData("/api/images/999", 404)]
    [InlineData("/images/999/thumb", 404)]
    [InlineData("/api/jobs/999", 404)]
    [InlineData("/api/nothing", 404)]
    [InlineData("/api/faults?folder=/etc", 404)]
    public async Task Bad_requests_are_problems_with_a_reason(string path, int status)
    {
        using var response = await server.Http.GetAsync(path);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.DoesNotContain("   at ", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prompt_of_ten_thousand_characters_is_cut_and_answered() =>
        Assert.Equal(4, (await JsonAsync("/api/search?q=" + new string('a', 5_000) + "%20dog" + new string('b', 5_000))).GetProperty("hits").GetArrayLength());

    [Fact]
    public async Task A_picture_finds_itself_as_a_body_and_as_a_form_and_stays_for_its_name()
    {
        var file = await File.ReadAllBytesAsync(Path.Combine(server.Pictures, "blue.png"));
        using var form = new MultipartFormDataContent { { new ByteArrayContent(file), "file", "x.png" } };
        foreach (var content in new HttpContent[] { new ByteArrayContent(file), form })
        {
            using var response = await server.Http.PostAsync("/api/similar?limit=2", content);
            var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal("blue.png", answer.GetProperty("hits")[0].GetProperty("path").GetString());
            var again = await JsonAsync($"/api/search?upload={answer.GetProperty("upload").GetString()}&limit=1");
            Assert.Equal("blue.png", again.GetProperty("hits")[0].GetProperty("path").GetString());
        }

        using var two = new MultipartFormDataContent { { new ByteArrayContent(file), "a", "x.png" }, { new ByteArrayContent(file), "b", "y.png" } };
        using var cut = new StringContent("--x\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\nabc") { Headers = { ContentType = new("multipart/form-data") { Parameters = { new("boundary", "x") } } } };
        using var unbounded = new ByteArrayContent(file) { Headers = { ContentType = new("multipart/form-data") } };
        foreach (var content in new HttpContent[] { new ByteArrayContent("no picture"u8.ToArray()), two, cut, unbounded })
        {
            using var refused = await server.Http.PostAsync("/api/similar", content);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }
    }

    [Fact]
    public async Task Thumbnails_and_files_have_tags_and_ranges()
    {
        var id = await IdAsync("green.png");
        using var thumb = await server.Http.GetAsync($"/images/{id}/thumb");
        Assert.Equal("image/webp", thumb.Content.Headers.ContentType!.MediaType);
        using var unchanged = new HttpRequestMessage(HttpMethod.Get, $"/images/{id}/thumb");
        unchanged.Headers.IfNoneMatch.Add(thumb.Headers.ETag!);
        using var second = await server.Http.SendAsync(unchanged);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);

        using var part = new HttpRequestMessage(HttpMethod.Get, $"/images/{id}/file");
        part.Headers.Range = new RangeHeaderValue(1, 3);
        using var range = await server.Http.SendAsync(part);
        Assert.Equal(HttpStatusCode.PartialContent, range.StatusCode);
        Assert.Equal("PNG"u8.ToArray(), await range.Content.ReadAsByteArrayAsync());
        Assert.Equal("nosniff", range.Headers.GetValues("X-Content-Type-Options").Single());
        using var preview = await server.Http.GetAsync($"/images/{id}/preview");
        Assert.Equal("image/jpeg", preview.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_link_put_in_place_of_a_file_leads_nowhere()
    {
        var id = await IdAsync("link.png");
        File.Delete(Path.Combine(server.Pictures, "link.png"));
        File.CreateSymbolicLink(Path.Combine(server.Pictures, "link.png"), server.Secret);

        using var response = await server.Http.GetAsync($"/images/{id}/file");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Other_sites_are_kept_out()
    {
        using var rebound = new HttpRequestMessage(HttpMethod.Get, "/api/status");
        rebound.Headers.Host = "evil.example";
        Assert.Equal(HttpStatusCode.Forbidden, (await server.Http.SendAsync(rebound)).StatusCode);

        using var foreign = new HttpRequestMessage(HttpMethod.Post, "/api/jobs") { Content = JsonContent.Create(new { kind = "index", folder = server.Pictures }) };
        foreign.Headers.Add("Origin", "https://evil.example");
        Assert.Equal(HttpStatusCode.Forbidden, (await server.Http.SendAsync(foreign)).StatusCode);

        using var embedded = new HttpRequestMessage(HttpMethod.Get, "/images/1/thumb") { Headers = { { "Sec-Fetch-Site", "cross-site" }, { "Sec-Fetch-Mode", "no-cors" } } };
        Assert.Equal(HttpStatusCode.Forbidden, (await server.Http.SendAsync(embedded)).StatusCode);
        using var linked = new HttpRequestMessage(HttpMethod.Get, "/?q=a") { Headers = { { "Sec-Fetch-Site", "cross-site" }, { "Sec-Fetch-Mode", "navigate" } } };
        Assert.Equal(HttpStatusCode.OK, (await server.Http.SendAsync(linked)).StatusCode);

        // The page may look again at a folder it has, and open no other; the owner's socket alone serves commands.
        Assert.Equal(HttpStatusCode.Forbidden, (await server.Http.PostAsJsonAsync("/api/jobs", new { kind = "index", folder = "/etc" })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync("/attach")).StatusCode);
        using var headers = await server.Http.GetAsync("/");
        Assert.Contains("script-src 'self'", headers.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Embeddings_come_in_OpenAIs_shape()
    {
        var picture = "data:image/png;base64," + Convert.ToBase64String(Server.Png(220, 30, 30));
        using var response = await server.Http.PostAsJsonAsync("/v1/embeddings", new { model = "sightline-clip-0", input = new[] { "red", picture, "red" } });
        var data = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");

        Assert.Equal([0, 1, 2], data.EnumerateArray().Select(d => d.GetProperty("index").GetInt32()));
        Assert.Equal(data[0].GetProperty("embedding").ToString(), data[2].GetProperty("embedding").ToString());
        Assert.Equal(256, data[1].GetProperty("embedding").GetArrayLength());
        using var refused = await server.Http.PostAsJsonAsync("/v1/embeddings", new { input = "a", model = "text-embedding-3-small" });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("text-embedding-3-small", (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Http.PostAsJsonAsync("/v1/embeddings", new { input = 5 })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Http.PostAsJsonAsync("/v1/embeddings", new { input = "data:image/png;base64,xyz" })).StatusCode);
    }

    [Fact]
    public async Task Health_and_the_description_of_the_API_are_there()
    {
        Assert.Equal("alive", await server.Http.GetStringAsync("/healthz"));
        Assert.Equal("ready", await server.Http.GetStringAsync("/readyz"));
        var paths = (await JsonAsync("/openapi.json")).GetProperty("paths");
        Assert.All(new[] { "/api/search", "/api/images/{id}", "/api/jobs", "/v1/embeddings" }, path => Assert.True(paths.TryGetProperty(path, out _), path));
    }

    private async Task<long> IdAsync(string path) => (await JsonAsync("/api/search?q=a&limit=10")).GetProperty("hits").EnumerateArray()
        .Single(h => h.GetProperty("path").GetString() == path).GetProperty("id").GetInt64();

    private async Task<JsonElement> JsonAsync(string path)
    {
        using var response = await server.Http.GetAsync(path);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
