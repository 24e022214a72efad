using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sightline.TestKit;

namespace Sightline.Web.Tests;

/// <summary>The built program with captioned pictures, a table of pairs beside them, and what it must not read outside.</summary>
public sealed class CurationServer : IAsyncLifetime
{
    private static readonly string[] Captions =
    [
        "A red square on a white table", "red", "A BLUE SQUARE IN CAPITALS ONLY", "buy now buy now buy now buy now buy now", "Ein grünes Quadrat auf einem Tisch", "",
    ];

    private readonly TemporaryFolder _folder = new(passable: true);
    private SightlineProcess _process = null!;

    public HttpClient Http { get; private set; } = null!;

    public string Pictures => _folder.PathOf("pictures");

    public string Outside => _folder.PathOf("outside");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Pictures);
        Directory.CreateDirectory(Outside);
        foreach (var (number, caption) in Captions.Index())
        {
            File.WriteAllBytes(Path.Combine(Pictures, $"{number}.png"), Server.Png((byte)(40 * number), 30, 200));
            if (caption.Length > 0)
            {
                File.WriteAllText(Path.Combine(Pictures, $"{number}.txt"), caption);
            }
        }

        var table = "file,caption\n0.png,A red square on a white table\n1.png,A second caption\nnothing.png,A third caption\n";
        File.WriteAllText(Path.Combine(Pictures, "pairs.csv"), table);
        File.WriteAllText(Path.Combine(Outside, "pairs.csv"), table);
        File.CreateSymbolicLink(Path.Combine(Pictures, "way-out"), Outside);
        File.CreateSymbolicLink(Path.Combine(Pictures, "out.csv"), Path.Combine(Outside, "pairs.csv"));
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
}

public sealed class CurationApiTests(CurationServer server) : IClassFixture<CurationServer>
{
    [Fact]
    public async Task The_catalogue_is_imported_tried_run_looked_at_decided_on_and_forgotten()
    {
        var name = await ImportAsync("all of it", new { keepUncaptioned = true });
        var dataset = await GetAsync(name);
        Assert.Equal(6, dataset.GetProperty("pairs").GetInt32());
        Assert.Equal("the catalogue", dataset.GetProperty("source").GetString());
        Assert.Contains(dataset.GetProperty("statistics").GetProperty("fields").EnumerateArray(), f => f.GetProperty("field").GetString() == "words");

        const string Recipe = "filters:\n  - caption_length: {min_words: 2}\n  - caption_shape: {max_capitals: 0.8}\n  - repetition";
        var preview = await PostAsync(name + "/preview", new { recipe = Recipe, samples = 100 });
        var report = preview.GetProperty("report");
        Assert.Equal((6, 2), (report.GetProperty("pairs").GetInt32(), report.GetProperty("kept").GetInt32()));
        Assert.Equal([6, 4, 3], report.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("in").GetInt32()));
        var samples = preview.GetProperty("samples");
        var few = Reason(report, "caption_length.few_words").GetProperty("number").GetInt32();
        Assert.Equal(["", "red"], Captions(samples.GetProperty(few.ToString(CultureInfo.InvariantCulture))).Order());
        Assert.Equal(2, samples.GetProperty("0").GetArrayLength());
        Assert.Equal(6, preview.GetProperty("resolved").GetProperty("filters")[1].GetProperty("caption_shape").GetProperty("max_run").GetInt32());

        var run = await RunAsync("all of it", Recipe);
        Assert.Equal(report.GetProperty("kept").GetInt32(), run.GetProperty("kept").GetInt32());
        Assert.Equal(report.GetProperty("steps").ToString(), run.GetProperty("report").GetProperty("steps").ToString());
        var path = $"/api/curation/runs/{run.GetProperty("id")}";
        var dropped = await GetAsync(path + "/pairs?reason=caption_length.few_words&limit=1");
        Assert.Equal("fewer than 2 words", dropped.GetProperty("pairs")[0].GetProperty("reason").GetString());
        var rest = await GetAsync($"{path}/pairs?reason={few}&from={dropped.GetProperty("next")}");
        Assert.Equal(JsonValueKind.Null, rest.GetProperty("next").ValueKind);
        Assert.Equal(["", "red"], Captions(dropped.GetProperty("pairs")).Concat(Captions(rest.GetProperty("pairs"))).Order());
        Assert.Equal(2, (await GetAsync(path + "/pairs?reason=kept")).GetProperty("pairs").GetArrayLength());
        Assert.Equal(4, (await GetAsync(path + "/pairs")).GetProperty("pairs").GetArrayLength());

        // What a person says goes before the recipe, in runs that have ended too.
        var red = dropped.GetProperty("pairs")[0].GetProperty("row").GetInt64();
        var kept = (await GetAsync(path + "/pairs?reason=kept")).GetProperty("pairs")[0].GetProperty("row").GetInt64();
        Assert.Equal(1, (await PostAsync(name + "/decisions", new { rows = new[] { red, 999 }, keep = true })).GetProperty("changed").GetInt32());
        Assert.Equal(1, (await PostAsync(name + "/decisions", new { rows = new[] { kept }, keep = false })).GetProperty("changed").GetInt32());
        Assert.Equal(0, (await PostAsync(name + "/decisions", new { rows = new[] { kept }, keep = false })).GetProperty("changed").GetInt32());
        Assert.Contains(red, Rows(await GetAsync(path + "/pairs?reason=kept")));
        Assert.Equal(new[] { red, kept }.Order(), Rows(await GetAsync(path + "/pairs?reason=by_hand")));
        Assert.Equal([new[] { red, kept }.Max()], Rows(await GetAsync($"{path}/pairs?reason=by_hand&from={new[] { red, kept }.Min() + 1}")));
        Assert.Equal(1, (await GetAsync(path)).GetProperty("decisions").GetProperty("dropped").GetInt32());
        Assert.True((await GetAsync($"{name}/pairs?rows={red}")).GetProperty("pairs")[0].GetProperty("decision").GetBoolean());
        await PostAsync(name + "/decisions", new { rows = new[] { red, kept } });
        Assert.Empty((await GetAsync(name + "/decisions")).EnumerateObject());

        Assert.Equal(HttpStatusCode.NoContent, (await server.Http.DeleteAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await server.Http.DeleteAsync(name)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync(name)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.DeleteAsync(name)).StatusCode);
    }

    [Fact]
    public async Task A_filter_of_the_search_says_which_pictures_of_the_catalogue()
    {
        var name = await ImportAsync("captioned only", new { filter = new { captioned = true } });

        Assert.Equal(5, (await GetAsync(name)).GetProperty("pairs").GetInt32());
        await IsRefusedAsync("/api/curation/datasets", new { name = "wrong", filter = new { colour = "red" } }, "There is no field colour");
    }

    [Fact]
    public async Task Pairs_come_by_pages_with_their_pictures()
    {
        var name = await ImportAsync("pages", new { keepUncaptioned = true });
        var first = await GetAsync(name + "/pairs?limit=4");
        var second = await GetAsync($"{name}/pairs?limit=4&from={first.GetProperty("next")}");
        Assert.Equal([0, 1, 2, 3, 4, 5], Rows(first).Concat(Rows(second)));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
        Assert.Equal([3, 1], Rows(await GetAsync(name + "/pairs?rows=3,1,77")));

        var pair = first.GetProperty("pairs")[0];
        Assert.Equal((80, 60), (pair.GetProperty("width").GetInt32(), pair.GetProperty("height").GetInt32()));
        using var thumb = await server.Http.GetAsync(name + "/pairs/0/thumb");
        using var image = await server.Http.GetAsync(name + "/pairs/0/image");
        Assert.Equal(("image/webp", "image/jpeg"), (thumb.Content.Headers.ContentType!.MediaType, image.Content.Headers.ContentType!.MediaType));
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync(name + "/pairs/6/thumb")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Http.GetAsync(name + "/pairs?rows=1,-2")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Http.GetAsync(name + "/pairs?rows=" + string.Join(',', Enumerable.Range(0, 201)))).StatusCode);
    }

    [Fact]
    public async Task Files_in_an_indexed_folder_are_imported_and_what_is_no_pair_is_told()
    {
        var name = await ImportAsync("a table", new { path = Path.Combine(server.Pictures, "pairs.csv"), columns = new { image = "file" } });
        var dataset = await GetAsync(name);

        Assert.Equal(3, dataset.GetProperty("pairs").GetInt32() + dataset.GetProperty("faults").EnumerateObject().Sum(f => f.Value.GetInt32()));
        Assert.Equal(dataset.GetProperty("faults").EnumerateObject().Sum(f => f.Value.GetInt32()), (await GetAsync(name + "/faults")).GetArrayLength());
        Assert.Equal(3, (await GetAsync(await ImportAsync("a pattern", new { path = server.Pictures + "/{pairs,others}.csv", columns = new { image = "file" } }))).GetProperty("pairs").GetInt32()
            + dataset.GetProperty("faults").EnumerateObject().Sum(f => f.Value.GetInt32()));
    }

    [Fact]
    public async Task Files_outside_indexed_folders_are_for_the_command_line()
    {
        var pictures = server.Pictures;
        foreach (var path in new[]
        {
            server.Outside, server.Outside + "/pairs.csv", "/etc", "/", "", "pairs.csv", pictures + "-more/x.csv", pictures + "/../outside/pairs.csv", pictures + "/./../outside",
            pictures + "/way-out", pictures + "/way-out/pairs.csv", pictures + "/way-out/*.csv", pictures + "/out.csv", pictures + "/{out,pairs}.csv",
            pictures + "/{a,../outside}/pairs.csv", pictures + "/{way-out,b}/pairs.csv", pictures + "/*/pairs.csv", pictures + "//pairs.csv", pictures + "/{a,../outside/pairs}.csv",
        })
        {
            using var response = await server.Http.PostAsJsonAsync("/api/curation/datasets", new { name = "outside", path, columns = new { image = "file" } });
            Assert.True(response.StatusCode == HttpStatusCode.Forbidden, $"{path}: {response.StatusCode}");
            Assert.Contains("sightline curate import", (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        foreach (var imageFolder in new[] { "/", server.Outside, server.Pictures + "/../outside", server.Pictures + "/way-out" })
        {
            using var response = await server.Http.PostAsJsonAsync("/api/curation/datasets", new { name = "outside", path = server.Pictures + "/pairs.csv", imageFolder });
            Assert.True(response.StatusCode == HttpStatusCode.Forbidden, $"{imageFolder}: {response.StatusCode}");
        }

        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync("/api/curation/datasets/outside")).StatusCode);
        var name = await ImportAsync("for folders", new { });
        using var run = await server.Http.PostAsJsonAsync("/api/curation/runs", new { dataset = "for folders", recipe = "filters: []", folder = "/etc" });
        Assert.Equal(HttpStatusCode.Forbidden, run.StatusCode);
        Assert.Equal(0, (await GetAsync("/api/curation/runs?dataset=for+folders")).GetArrayLength());
        Assert.NotEmpty(name);
    }

    [Fact]
    public async Task Lists_of_words_are_read_from_their_folder_only()
    {
        var name = await ImportAsync("for lists", new { });
        foreach (var (filter, setting) in await SettingsAsync(p => p.GetProperty("name").GetString()!.EndsWith("_file", StringComparison.Ordinal)))
        {
            foreach (var file in new[] { "/etc/passwd", "../../catalog", "nothing.txt" })
            {
                var recipe = JsonSerializer.Serialize(new { filters = new[] { new Dictionary<string, object> { [filter] = new Dictionary<string, string> { [setting] = file } } } });
                await IsRefusedAsync(name + "/preview", new { recipe }, file);
            }
        }
    }

    [Fact]
    public async Task Any_setting_can_be_switched_off_or_is_asked_for()
    {
        var name = await ImportAsync("for settings", new { });
        var failures = new List<string>();
        foreach (var (filter, setting) in await SettingsAsync(p => p.GetProperty("default").ValueKind != JsonValueKind.Null))
        {
            var recipe = JsonSerializer.Serialize(new { filters = new[] { new Dictionary<string, object> { [filter] = new Dictionary<string, object?> { [setting] = null } } } });
            using var response = await server.Http.PostAsJsonAsync(name + "/preview", new { recipe });
            if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.BadRequest))
            {
                failures.Add($"{recipe}: {response.StatusCode}");
            }
        }

        Assert.Empty(failures);
    }

    [Fact]
    public async Task Recipes_are_saved_replaced_listed_and_forgotten()
    {
        const string Path = "/api/curation/recipes/long%20captions";
        foreach (var words in new[] { 5, 7 })
        {
            using var saved = await server.Http.PutAsJsonAsync(Path, new { recipe = $"# mine\nfilters: [caption_length: {{min_words: {words}}}]" });
            Assert.Equal(HttpStatusCode.NoContent, saved.StatusCode);
        }

        var recipe = (await GetAsync("/api/curation/recipes")).EnumerateArray().Single(r => r.GetProperty("name").GetString() == "long captions");
        Assert.Equal("# mine\nfilters: [caption_length: {min_words: 7}]", recipe.GetProperty("recipe").GetString());
        foreach (var bad in new[] { "filters: [caption_lenght]", "", null, "filters: [" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await server.Http.PutAsJsonAsync("/api/curation/recipes/bad", new { recipe = bad })).StatusCode);
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await server.Http.PutAsJsonAsync("/api/curation/recipes/%20", new { recipe = "filters: []" })).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await server.Http.DeleteAsync(Path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.DeleteAsync(Path)).StatusCode);
    }

    [Fact]
    public async Task Filters_and_presets_describe_themselves()
    {
        var filters = (await GetAsync("/api/curation/filters")).EnumerateArray().ToList();
        var length = filters.Single(f => f.GetProperty("name").GetString() == "caption_length").GetProperty("parameters").EnumerateArray().First(p => p.GetProperty("name").GetString() == "min_words");
        Assert.Equal(("integer", "words", "words"), (length.GetProperty("kind").GetString(), length.GetProperty("field").GetString(), length.GetProperty("unit").GetString()));
        Assert.All(filters, f => Assert.False(string.IsNullOrWhiteSpace(f.GetProperty("summary").GetString())));
        var name = await ImportAsync("for presets", new { });
        foreach (var preset in (await GetAsync("/api/curation/presets")).EnumerateArray())
        {
            Assert.NotEmpty(preset.GetProperty("source").GetString()!);
            var recipe = preset.GetProperty("recipe").GetString()!;
            if (recipe.Contains("similarity", StringComparison.Ordinal))
            {
                await IsRefusedAsync(name + "/preview", new { recipe }, "sightline curate measure NAME --clip");
            }
            else
            {
                await PostAsync(name + "/preview", new { recipe });
            }
        }
    }

    [Fact]
    public async Task Bad_requests_are_problems_with_a_reason()
    {
        var name = await ImportAsync("for errors", new { });
        var run = await RunAsync("for errors", "filters: [caption_length: {min_words: 2}]");
        foreach (var (path, body, detail) in new (string, object, string)[]
        {
            ("/api/curation/datasets", new { name = "" }, "1 to 200 characters"), ("/api/curation/datasets", new { name = "12" }, "is no number"),
            ("/api/curation/datasets", new { name = new string('a', 201) }, "1 to 200 characters"), ("/api/curation/datasets", new { name = "a\u0007" }, "1 to 200 characters"),
            ("/api/curation/datasets", new { name = "for errors" }, "already"), ("/api/curation/datasets", new { }, "1 to 200 characters"),
            (name + "/decisions", new { keep = true }, "1 to 10000"), (name + "/decisions", new { rows = Array.Empty<int>() }, "1 to 10000"),
            (name + "/decisions", new { rows = new[] { -1 }, keep = true }, "from 0 on"), (name + "/decisions", new { rows = Enumerable.Range(0, 10_001) }, "1 to 10000"),
            (name + "/preview", new { recipe = "" }, "YAML or JSON"), (name + "/preview", new { }, "YAML or JSON"),
            (name + "/preview", new { recipe = "filters: [caption_lenght]" }, "There is no filter caption_lenght"), (name + "/preview", new { recipe = "filters: [" }, "neither YAML nor JSON: line"),
            (name + "/preview", new { recipe = "#" + new string('a', 1 << 20) }, "YAML or JSON"), (name + "/preview", new { recipe = "filters: [similarity]" }, "similarity: give min"),
            ("/api/curation/runs", new { dataset = "for errors", recipe = "filters: [similarity]" }, "similarity: give min"), ("/api/curation/runs", new { dataset = "for errors" }, "YAML or JSON"),
        })
        {
            await IsRefusedAsync(path, body, detail);
        }

        foreach (var (path, status) in new[]
        {
            ("/api/curation/datasets/nothing", 404), ("/api/curation/datasets/nothing/pairs", 404), ("/api/curation/datasets/nothing/faults", 404),
            ("/api/curation/datasets/nothing/decisions", 404), ("/api/curation/datasets/nothing/pairs/0/thumb", 404), ("/api/curation/runs/99999", 404),
            ("/api/curation/runs/99999/pairs", 404), ($"/api/curation/runs/{run.GetProperty("id")}/pairs?reason=boredom", 400), ("/api/curation/runs?dataset=nothing", 400),
            (name + "/pairs?limit=many", 400),
        })
        {
            using var response = await server.Http.GetAsync(path);
            Assert.True((int)response.StatusCode == status, $"{path}: {response.StatusCode}");
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        }

        foreach (var path in new[] { "/api/curation/datasets/nothing/preview", "/api/curation/datasets/nothing/resume", "/api/curation/datasets/nothing/decisions", "/api/curation/runs" })
        {
            using var response = await server.Http.PostAsJsonAsync(path, new { dataset = "nothing", recipe = "filters: []", rows = new[] { 1 } });
            Assert.True(response.StatusCode == HttpStatusCode.NotFound, $"{path}: {response.StatusCode}");
        }

        // Bounds are kept, not refused.
        Assert.Equal(5, (await GetAsync(name + "/pairs?limit=100000&from=-5")).GetProperty("pairs").GetArrayLength());
        Assert.Equal(JsonValueKind.Array, (await GetAsync("/api/curation/runs?limit=-1")).ValueKind);
    }

    [Fact]
    public async Task An_import_that_is_there_is_not_done_again()
    {
        var name = await ImportAsync("twice", new { });

        using var refused = await server.Http.PostAsJsonAsync(name + "/resume", new { });

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal(5, (await GetAsync(name)).GetProperty("pairs").GetInt32());
    }

    private async Task<List<(string Filter, string Setting)>> SettingsAsync(Func<JsonElement, bool> isMeant) =>
        [.. (await GetAsync("/api/curation/filters")).EnumerateArray().SelectMany(f => f.GetProperty("parameters").EnumerateArray().Where(isMeant)
            .Select(p => (f.GetProperty("name").GetString()!, p.GetProperty("name").GetString()!)))];

    /// <summary>Imports and waits; gives the path of the dataset.</summary>
    private async Task<string> ImportAsync(string name, object request)
    {
        var body = JsonSerializer.SerializeToNode(request)!.AsObject();
        body["name"] = name;
        body["filter"] ??= request.GetType().GetProperty("keepUncaptioned") is null && request.GetType().GetProperty("path") is null
            ? JsonSerializer.SerializeToNode(new { captioned = true }) : null;
        body["measure"] = "none";
        var dataset = await PostAsync("/api/curation/datasets", body);
        await EndAsync(dataset.GetProperty("job"));
        return $"/api/curation/datasets/{dataset.GetProperty("id")}";
    }

    private async Task<JsonElement> RunAsync(string dataset, string recipe)
    {
        var run = await PostAsync("/api/curation/runs", new { dataset, recipe });
        await EndAsync(run.GetProperty("job"));
        return await GetAsync($"/api/curation/runs/{run.GetProperty("id")}");
    }

    private async Task EndAsync(JsonElement job)
    {
        JsonElement now;
        do
        {
            now = await GetAsync($"/api/jobs/{job.GetProperty("id")}");
        }
        while (now.GetProperty("state").GetString() is "queued" or "running");
        Assert.True(now.GetProperty("state").GetString() == "succeeded", now.ToString());
    }

    private async Task IsRefusedAsync(string path, object body, string detail)
    {
        using var response = await server.Http.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{path} {detail}: {response.StatusCode} {text}");
        Assert.Contains(detail, JsonElement.Parse(text).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using var response = await server.Http.GetAsync(path);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {await response.Content.ReadAsStringAsync()}");
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using var response = await server.Http.PostAsJsonAsync(path, body);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {await response.Content.ReadAsStringAsync()}");
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static JsonElement Reason(JsonElement report, string code) => report.GetProperty("steps").EnumerateArray()
        .SelectMany(s => s.GetProperty("reasons").EnumerateArray()).Single(r => r.GetProperty("code").GetString() == code);

    private static IEnumerable<string> Captions(JsonElement pairs) => pairs.EnumerateArray().Select(p => p.GetProperty("caption").GetString()!);

    private static IEnumerable<long> Rows(JsonElement response) => response.GetProperty("pairs").EnumerateArray().Select(p => p.GetProperty("row").GetInt64());
}
