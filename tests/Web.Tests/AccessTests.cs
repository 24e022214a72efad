using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Sightline.TestKit;

namespace Sightline.Web.Tests;

/// <summary>A server that asks for keys, and three of them.</summary>
public sealed class GuardedServer : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new(passable: true);
    private SightlineProcess _process = null!;

    public string Data => _folder.PathOf("data");

    public Uri Address { get; private set; } = null!;

    public string Errors => _process.Errors;

    public Dictionary<string, string> Secrets { get; } = [];

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(_folder.PathOf("pictures"));
        File.WriteAllBytes(_folder.PathOf("pictures/a.png"), Server.Png(200, 10, 10));
        foreach (var scope in new[] { "read", "write", "admin" })
        {
            Secrets[scope] = await CreateKeyAsync($"{scope}er", "--scope", scope);
        }

        var port = SightlineProcess.FreePort();
        Address = new Uri($"http://127.0.0.1:{port}");
        _process = SightlineProcess.Start(
            Data, "serve", _folder.PathOf("pictures"), "--require-keys", "--rate-limit", "100", "--host", "photos.example", "--port", port.ToString(CultureInfo.InvariantCulture));
        await _process.WaitForAsync("Search it at");
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    public async Task<string> CreateKeyAsync(string name, params string[] options)
    {
        var (exit, output, errors) = await SightlineProcess.RunAsync(Data, ["keys", "create", name, .. options]);
        Assert.True(exit == 0, errors);
        return output.Trim();
    }

    public HttpClient Open(string? secret = null)
    {
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Address };
        if (secret is not null)
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", secret);
        }

        return http;
    }
}

/// <summary>Attempts to get in.</summary>
public sealed partial class AccessTests(GuardedServer server) : IClassFixture<GuardedServer>
{
    [Fact]
    public async Task Without_a_key_nothing_answers_but_health_login_and_its_assets()
    {
        using var admin = server.Open(server.Secrets["admin"]);
        using var stranger = server.Open();
        var description = await admin.GetFromJsonAsync<JsonElement>("/openapi.json");
        var asked = 0;
        foreach (var path in description.GetProperty("paths").EnumerateObject())
        {
            foreach (var method in path.Value.EnumerateObject())
            {
                var address = Parameter().Replace(path.Name, "1");
                using var request = new HttpRequestMessage(new HttpMethod(method.Name), address);
                using var response = await stranger.SendAsync(request);
                Assert.True(
                    response.StatusCode == HttpStatusCode.Unauthorized || address == "/healthz", $"{method.Name} {address}: {response.StatusCode}");
                asked++;
            }
        }

        Assert.True(asked > 35, $"{asked}");

        // Every page there is, by its class.
        var pages = typeof(WebServices).Assembly.GetTypes().SelectMany(t => t.GetCustomAttributes<RouteAttribute>()).Select(r => Parameter().Replace(r.Template, "1"))
            .Where(r => r is not ("/login" or "/not-found")).ToList();
        Assert.True(pages.Count > 8);
        foreach (var path in pages.Concat(["/openapi.json", "/uploads/x", "/nothing", "/metrics"]))
        {
            using var api = await stranger.GetAsync(path);
            Assert.True(api.StatusCode == HttpStatusCode.Unauthorized, $"{path}: {api.StatusCode}");
            Assert.StartsWith("Bearer", api.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
            using var page = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept", "text/html" } } };
            using var redirected = await stranger.SendAsync(page);
            Assert.Equal((HttpStatusCode.Found, $"/login?returnTo={Uri.EscapeDataString(path)}"), (redirected.StatusCode, redirected.Headers.Location!.OriginalString));
        }

        Assert.Equal("alive", await stranger.GetStringAsync("/healthz"));
        var login = await stranger.GetStringAsync("/login");
        Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync(Asset().Match(login).Value)).StatusCode);
    }

    [Theory]
    [InlineData("//api/status")]
    [InlineData("/API/STATUS")]
    [InlineData("/api/./status")]
    [InlineData("/healthz/../api/status")]
    [InlineData("/healthz/%2e%2e/api/status")]
    [InlineData("/api%2Fstatus")]
    [InlineData("/api/status/")]
    [InlineData("/login/../status")]
    [InlineData("/assets/../api/status")]
    [InlineData("/api/status;/healthz")]
    [InlineData("/api/status?/healthz")]
    [InlineData("/attach")]
    public async Task Tricks_with_paths_open_nothing(string path)
    {
        using var stranger = server.Open();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, "/")) { Version = HttpVersion.Version11 };
        request.RequestUri = new Uri(server.Address.AbsoluteUri.TrimEnd('/') + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var response = await stranger.SendAsync(request);

        Assert.NotEqual(HttpStatusCode.OK, response.StatusCode);
        Assert.DoesNotContain("dimensions", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_open_what_their_scope_holds_and_no_more()
    {
        using var reader = server.Open(server.Secrets["read"]);
        using var writer = server.Open();
        writer.DefaultRequestHeaders.Add("X-API-Key", server.Secrets["write"]);
        using var admin = server.Open(server.Secrets["admin"]);

        Assert.Equal(HttpStatusCode.OK, (await reader.GetAsync("/api/search?q=red")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await reader.PostAsJsonAsync("/api/search", new { query = "red" })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await reader.PostAsJsonAsync("/v1/embeddings", new { input = "red" })).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await reader.PutAsJsonAsync("/api/albums", new { name = "a", query = "q=a" })).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await reader.PostAsJsonAsync("/api/tags", new { images = new[] { 1 }, add = new[] { "a" } })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await writer.PutAsJsonAsync("/api/albums", new { name = "a", query = "q=a" })).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await writer.GetAsync("/api/keys")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await writer.PostAsJsonAsync("/api/keys", new { name = "mine", scope = "admin" })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/api/keys")).StatusCode);

        // A folder that nobody indexed is still the owner's to open, with whatever key.
        Assert.Equal(HttpStatusCode.Forbidden, (await admin.PostAsJsonAsync("/api/jobs", new { kind = "index", folder = "/etc" })).StatusCode);
    }

    [Fact]
    public async Task Wrong_revoked_and_expired_keys_and_keys_in_addresses_are_refused()
    {
        using var stranger = server.Open();
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync($"/api/status?key={server.Secrets["admin"]}&api_key={server.Secrets["admin"]}")).StatusCode);
        foreach (var secret in new[] { "sl_wrong", "", server.Secrets["admin"][..^1], server.Secrets["admin"].ToUpperInvariant(), "' or true --" })
        {
            using var wrong = server.Open();
            wrong.DefaultRequestHeaders.Add("X-API-Key", secret);
            Assert.Equal(HttpStatusCode.Unauthorized, (await wrong.GetAsync("/api/status")).StatusCode);
        }

        using var leaving = server.Open(await server.CreateKeyAsync("leaving"));
        Assert.Equal(HttpStatusCode.OK, (await leaving.GetAsync("/api/status")).StatusCode);
        Assert.Equal(0, (await SightlineProcess.RunAsync(server.Data, "keys", "revoke", "leaving")).ExitCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await leaving.GetAsync("/api/status")).StatusCode);
        Assert.NotEqual(0, (await SightlineProcess.RunAsync(server.Data, "keys", "revoke", "leaving")).ExitCode);

        using var brief = server.Open(await server.CreateKeyAsync("brief", "--expires", "0.00001"));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await brief.GetAsync("/api/status", limit.Token)).StatusCode != HttpStatusCode.Unauthorized)
        {
            await Task.Yield();
        }

        var listed = (await SightlineProcess.RunAsync(server.Data, "keys", "list", "--json")).Output;
        Assert.All(server.Secrets.Values, secret => Assert.DoesNotContain(secret, listed, StringComparison.Ordinal));
        Assert.DoesNotContain("sl_", server.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logging_in_gives_a_session_that_ends_with_its_key()
    {
        var secret = await server.CreateKeyAsync("visitor");
        using var http = Browser();
        Assert.Equal("/login?wrong=true&returnTo=%2Ftags", (await LoginAsync(http, "sl_wrong", "/tags")).Headers.Location!.OriginalString);
        var response = await LoginAsync(http, secret, "/tags");
        Assert.Equal("/tags", response.Headers.Location!.OriginalString);
        var cookie = response.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("sightline_session", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(secret, cookie, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/tags")).StatusCode);

        // Another site's form carries the cookie only in old browsers; its origin gives it away.
        using var foreign = new HttpRequestMessage(HttpMethod.Post, "/api/tags") { Content = JsonContent.Create(new { images = new[] { 1 }, add = new[] { "a" } }) };
        foreign.Headers.Add("Origin", "https://evil.example");
        Assert.Equal(HttpStatusCode.Forbidden, (await http.SendAsync(foreign)).StatusCode);

        await SightlineProcess.RunAsync(server.Data, "keys", "revoke", "visitor");
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/tags")).StatusCode);
    }

    [Fact]
    public async Task A_forged_cookie_a_form_without_its_token_and_a_way_out_are_refused()
    {
        using var http = server.Open();
        foreach (var cookie in new[] { "1", "admin", "CfDJ8" + new string('A', 120) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/status") { Headers = { { "Cookie", "sightline_session=" + cookie } } };
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.SendAsync(request)).StatusCode);
        }

        using var bare = await http.PostAsync("/login", new FormUrlEncodedContent(new Dictionary<string, string> { ["key"] = server.Secrets["read"] }));
        Assert.Equal(HttpStatusCode.BadRequest, bare.StatusCode);
        foreach (var target in new[] { "https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "" })
        {
            using var browser = Browser();
            Assert.Equal("/", (await LoginAsync(browser, server.Secrets["read"], target)).Headers.Location!.OriginalString);
        }
    }

    [Fact]
    public async Task Only_names_that_were_given_are_answered_to()
    {
        using var http = server.Open(server.Secrets["read"]);
        foreach (var (host, status) in new[]
            { ("photos.example", HttpStatusCode.OK), ("evil.example", HttpStatusCode.Forbidden), ("192.168.7.7", HttpStatusCode.OK), ("localhost", HttpStatusCode.OK) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/tags") { Headers = { Host = host } };
            Assert.Equal(status, (await http.SendAsync(request)).StatusCode);
        }
    }

    [Fact]
    public async Task A_key_that_asks_too_much_waits_and_others_do_not()
    {
        using var busy = server.Open(await server.CreateKeyAsync("busy"));
        using var calm = server.Open(server.Secrets["read"]);
        var answers = await Task.WhenAll(Enumerable.Range(0, 3_000).Select(_ => busy.GetAsync("/api/albums")));

        var refused = answers.First(a => a.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.True(answers.Count(a => a.IsSuccessStatusCode) >= 500);
        Assert.DoesNotContain(answers, a => (int)a.StatusCode >= 500);
        Assert.Equal(HttpStatusCode.OK, (await calm.GetAsync("/api/albums")).StatusCode);
    }

    [Theory]
    [InlineData("/api/tags", 5)]
    [InlineData("/v1/embeddings", 65)]
    public async Task A_body_that_is_too_long_is_not_read(string path, int megabytes)
    {
        using var http = server.Open(server.Secrets["admin"]);
        using var content = new ByteArrayContent(new byte[megabytes << 20]) { Headers = { ContentType = new("application/json") } };
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content, Headers = { ExpectContinue = true } };

        using var response = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task A_body_that_trickles_is_cut_off()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/tags HTTP/1.1\r\nHost: {server.Address.Authority}\r\nAuthorization: Bearer {server.Secrets["admin"]}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"));
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var reader = new StreamReader(stream);

        Assert.Contains("408", await reader.ReadLineAsync(limit.Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_outlives_the_server_and_a_known_proxy_speaks_for_its_clients()
    {
        using var folder = new TemporaryFolder(passable: true);
        var port = SightlineProcess.FreePort();
        var address = new Uri($"http://127.0.0.1:{port}");
        string[] serve = ["serve", "--require-keys", "--proxy", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture)];
        var created = await SightlineProcess.RunAsync(folder.PathOf("data"), "keys", "create", "visitor");
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = address };
        await using (var first = SightlineProcess.Start(folder.PathOf("data"), serve))
        {
            await first.WaitForAsync("Sightline is at");
            Assert.Equal("/tags", (await LoginAsync(http, created.Output.Trim(), "/tags")).Headers.Location!.OriginalString);

            // One client behind the proxy has tried too often; another has not.
            Assert.Contains(HttpStatusCode.TooManyRequests, await GuessAsync("203.0.113.7", 30));
            Assert.Equal([HttpStatusCode.Unauthorized], await GuessAsync("203.0.113.8", 1));
        }

        await using var second = SightlineProcess.Start(folder.PathOf("data"), serve);
        await second.WaitForAsync("Sightline is at");
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/tags")).StatusCode);

        async Task<List<HttpStatusCode>> GuessAsync(string client, int times)
        {
            var statuses = new List<HttpStatusCode>();
            using var guesser = new HttpClient { BaseAddress = address, DefaultRequestHeaders = { { "X-API-Key", "sl_guess" }, { "X-Forwarded-For", client } } };
            for (var i = 0; i < times; i++)
            {
                using var response = await guesser.GetAsync("/api/status");
                statuses.Add(response.StatusCode);
            }

            return statuses;
        }
    }

    [Fact]
    public async Task Elsewhere_than_on_loopback_it_serves_with_keys_or_not_at_all()
    {
        using var folder = new TemporaryFolder(passable: true);
        var port = SightlineProcess.FreePort().ToString(CultureInfo.InvariantCulture);

        var (exit, _, errors) = await SightlineProcess.RunAsync(folder.PathOf("data"), "serve", "--bind", "0.0.0.0", "--port", port);

        Assert.NotEqual(0, exit);
        Assert.Contains("sightline keys create", errors, StringComparison.Ordinal);
    }

    private HttpClient Browser() => new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = server.Address };

    private static async Task<HttpResponseMessage> LoginAsync(HttpClient http, string secret, string returnTo)
    {
        var page = await http.GetStringAsync("/login");
        var token = Token().Match(page).Groups[1].Value;
        return await http.PostAsync("/login", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["key"] = secret, ["returnTo"] = returnTo, ["__RequestVerificationToken"] = token,
        }));
    }

    [GeneratedRegex("""name="__RequestVerificationToken" value="([^"]+)""")]
    private static partial Regex Token();

    [GeneratedRegex("""/assets/[^"]+""")]
    private static partial Regex Asset();

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}

/// <summary>Tries many keys from one address; a server of its own, as that address is then asked to wait.</summary>
public sealed class BruteForceTests(GuardedServer server) : IClassFixture<GuardedServer>
{
    [Fact]
    public async Task Many_wrong_keys_from_one_address_are_asked_to_wait_and_right_ones_go_on_working()
    {
        using var http = server.Open("sl_guess");
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 30; i++)
        {
            using var response = await http.GetAsync("/api/status");
            statuses.Add(response.StatusCode);
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        Assert.InRange(statuses.Count(s => s == HttpStatusCode.Unauthorized), 1, 25);
        using var right = server.Open(server.Secrets["read"]);
        Assert.Equal(HttpStatusCode.OK, (await right.GetAsync("/api/status")).StatusCode);
    }
}
