using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Sightline.Web.Tests;

public sealed class TagApiTests(Server server) : IClassFixture<Server>
{
    [Fact]
    public async Task Labels_are_saved_tried_run_reviewed_and_searched()
    {
        using var saved = await server.Http.PutAsJsonAsync("/api/labels/colours", new { text = "red: a red square\nblue: a blue square\ngreen: a green square" });
        Assert.Equal(HttpStatusCode.NoContent, saved.StatusCode);
        var picture = "data:image/png;base64," + Convert.ToBase64String(Server.Png(220, 30, 30));
        var tried = await PostAsync("/api/classify", new { labelSet = "colours", picture });
        Assert.Equal(3, tried.GetProperty("labels").GetArrayLength());
        Assert.Equal(1, tried.GetProperty("labels").EnumerateArray().Sum(l => l.GetProperty("probability").GetDouble()) + tried.GetProperty("none").GetDouble(), 1e-6);

        var job = await PostAsync("/api/jobs", new { kind = "tag", labelSet = "colours", threshold = 0 });
        JsonElement state;
        do
        {
            state = await GetAsync($"/api/jobs/{job.GetProperty("id")}");
        }
        while (state.GetProperty("state").GetString() is "queued" or "running");
        Assert.Equal("succeeded", state.GetProperty("state").GetString());
        Assert.Contains("12 tags suggested", state.GetProperty("summary").GetString(), StringComparison.Ordinal);

        var first = await GetAsync("/api/tags/review?limit=5");
        var second = await GetAsync("/api/tags/review?limit=10&cursor=" + first.GetProperty("cursor").GetString());
        Assert.Equal(12, first.GetProperty("tags").GetArrayLength() + second.GetProperty("tags").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, second.GetProperty("cursor").ValueKind);

        var image = first.GetProperty("tags")[0].GetProperty("image").GetInt64();
        var name = first.GetProperty("tags")[0].GetProperty("name").GetString();
        await PostAsync("/api/tags", new { images = new[] { image }, reject = new[] { name }, add = new[] { "mine" } });
        var tags = (await GetAsync($"/api/images/{image}/tags")).EnumerateArray().ToDictionary(t => t.GetProperty("name").GetString()!, t => t.GetProperty("state").GetString());
        Assert.Equal(("rejected", "accepted"), (tags[name!], tags["mine"]));
        var found = await GetAsync("/api/images?tag=mine");
        Assert.Equal(image, Assert.Single(found.GetProperty("hits").EnumerateArray().ToList()).GetProperty("id").GetInt64());
        Assert.Equal(3, (await GetAsync($"/api/images?tag={name}")).GetProperty("hits").GetArrayLength());
        Assert.Equal(1, (await GetAsync("/api/tags")).EnumerateArray().Single(t => t.GetProperty("name").GetString() == "mine").GetProperty("images").GetInt32());
    }

    [Fact]
    public async Task Bad_requests_are_problems_with_a_reason()
    {
        foreach (var (path, body) in new (string, object)[]
        {
            ("/api/jobs", new { kind = "tag", labelSet = "nothing such" }), ("/api/jobs", new { kind = "tag" }), ("/api/jobs", new { kind = "paint" }),
            ("/api/classify", new { labels = new[] { "a" } }), ("/api/classify", new { labels = Array.Empty<string>(), image = 1 }),
            ("/api/classify", new { labels = new[] { "a", "A" }, image = 1 }), ("/api/tags", new { images = new[] { 1 } }),
            ("/api/tags", new { images = Array.Empty<int>(), add = new[] { "a" } }), ("/api/tags", new { images = new[] { 1 }, add = new[] { " " } }),
            ("/api/tags", new { images = new[] { 1 }, add = new[] { "a" }, reject = new[] { "a" } }),
        })
        {
            using var response = await server.Http.PostAsJsonAsync(path, body);
            Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{path} {JsonSerializer.Serialize(body)}: {response.StatusCode}");
            Assert.NotEmpty((await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString()!);
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await server.Http.PutAsJsonAsync("/api/labels/x", new { text = "" })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Http.PutAsJsonAsync("/api/labels/x", new { })).StatusCode);
        foreach (var body in new[] { """{"labels":[null]}""", """{"labels":[{"prompts":["a"]}]}""", """{"labels":[{"name":"a"}],"templates":[null]}""", """{"labels":[{"name":"a","prompts":[null]}]}""" })
        {
            using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            using var response = await server.Http.PutAsync("/api/labels/x", content);
            Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{body}: {response.StatusCode}");
        }

        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.DeleteAsync("/api/labels/nothing")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync("/api/labels/nothing")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Http.GetAsync("/api/tags/review?cursor=zz")).StatusCode);
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using var response = await server.Http.GetAsync(path);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using var response = await server.Http.PostAsJsonAsync(path, body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
