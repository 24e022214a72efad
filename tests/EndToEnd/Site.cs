using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using Sightline.TestKit;

namespace Sightline.EndToEnd;

/// <summary>The built program serving drawn pictures, and Chromium in front of it.</summary>
public sealed class Site : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new(passable: true);
    private SightlineProcess _server = null!;
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;
    private Lazy<Task<string>> _dataset = null!;
    private Lazy<Task<string>> _run = null!;

    public string Address { get; private set; } = "";

    /// <summary>Deque's axe-core, a checker of accessibility, as a script.</summary>
    public string Axe { get; private set; } = "";

    public string Pictures => _folder.PathOf("pictures");

    /// <summary>Where trainings are looked for.</summary>
    public string Training => _folder.PathOf("data", "training");

    public async Task InitializeAsync()
    {
        var port = SightlineProcess.FreePort().ToString(CultureInfo.InvariantCulture);
        Address = $"http://127.0.0.1:{port}";
        var drawn = await SightlineProcess.RunAsync(_folder.PathOf("data"), "demo-data", "150", "--out", Pictures, "--seed", "3");
        Assert.Equal(0, drawn.ExitCode);
        File.WriteAllText(Path.Combine(Pictures, "broken.jpg"), "no picture");
        DrawnTraining.WriteClip(Path.Combine(Training, "clip-b32"), "finished", 4000, seed: 5, floor: 1.1);
        DrawnTraining.WriteClip(Path.Combine(Training, "clip-small"), "stopped", 2600, seed: 6, floor: 1.7);
        DrawnTraining.WriteDvae(Path.Combine(Training, "dvae-16"), "running", [.. Directory.GetFiles(Pictures, "*.png").Order().Take(6)]);
        DrawnTraining.WriteFailed(Path.Combine(Training, "prior-first"));
        _server = SightlineProcess.Start(_folder.PathOf("data"), "serve", Pictures, "--port", port);
        await _server.WaitForAsync("Search it at");
        _dataset = new(async () => $"/curation/{await AddAsync("datasets", new { name = "drawn", keepUncaptioned = true, measure = "none" })}");
        _run = new(async () => $"/curation/runs/{await AddAsync("runs", new { dataset = (await _dataset.Value).Split('/')[^1], recipe = "filters: [caption_length: {min_words: 8}, caption_shape]" })}");
        using var node = new NodeFolder();
        await node.InstallAsync("axe-core@4.14.1");
        Axe = await File.ReadAllTextAsync(node.PathOf("node_modules/axe-core/axe.min.js"));
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async Task DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>The page of a dataset of what is indexed.</summary>
    public Task<string> DatasetAsync() => _dataset.Value;

    /// <summary>The page of a run over it.</summary>
    public Task<string> RunAsync() => _run.Value;

    /// <summary>A path with {dataset} and {run} filled in: the workbench with a recipe, and the run.</summary>
    public async Task<string> PathOfAsync(string path) => path switch
    {
        "/curation/{dataset}" => $"{await DatasetAsync()}#{Uri.EscapeDataString("""{"filters":[{"caption_length":{"min_words":8}},{"caption_shape":{}},{"image_size":{"max_aspect":2}}]}""")}",
        "/curation/{run}" => await RunAsync(),
        _ => path,
    };

    /// <summary>A page of its own, whose errors (script, policy, failed loads) end up in the list.</summary>
    public async Task<(IPage Page, List<string> Errors)> OpenAsync(string path, int width = 1280, int height = 900, bool dark = false)
    {
        var context = await _browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = height }, ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light, BaseURL = Address,
        });
        var page = await context.NewPageAsync();
        var errors = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                errors.Add(message.Text);
            }
        };
        page.PageError += (_, error) => errors.Add(error);
        await page.GotoAsync(path);
        return (page, errors);
    }

    // Waits until its job has ended.
    private async Task<long> AddAsync(string what, object request)
    {
        using var http = new HttpClient { BaseAddress = new Uri(Address) };
        using var added = await http.PostAsJsonAsync($"/api/curation/{what}", request);
        Assert.True(added.IsSuccessStatusCode, await added.Content.ReadAsStringAsync());
        var answer = await added.Content.ReadFromJsonAsync<JsonElement>();
        string? state;
        do
        {
            state = (await http.GetFromJsonAsync<JsonElement>($"/api/jobs/{answer.GetProperty("job").GetProperty("id")}")).GetProperty("state").GetString();
        }
        while (state is "queued" or "running");
        Assert.Equal("succeeded", state);
        return answer.GetProperty("id").GetInt64();
    }
}

[CollectionDefinition(Name)]
public sealed class SiteCollection : ICollectionFixture<Site>
{
    public const string Name = "site";
}
