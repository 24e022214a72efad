using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Sightline.Web.Tests;

/// <summary>Searches, filters and the shapes of other systems' APIs.</summary>
public sealed class SearchApiTests(Server server) : IClassFixture<Server>
{
    [Fact]
    public async Task Terms_filters_and_order_come_as_JSON_too()
    {
        var picture = "data:image/png;base64," + Convert.ToBase64String(Server.Png(30, 60, 220));
        var answer = await PostAsync("/api/search", new
        {
            terms = new object[] { new { picture, weight = 2 }, new { text = "red", weight = -0.2 } }, filter = new { format = "png", width = new { gte = 80 } }, limit = 2,
        });

        Assert.Equal("blue.png", answer.GetProperty("hits")[0].GetProperty("path").GetString());
        Assert.Equal(4, answer.GetProperty("searched").GetInt32());
        var rest = await PostAsync("/api/search", new
        {
            terms = new object[] { new { picture, weight = 2 }, new { text = "red", weight = -0.2 } }, filter = new { format = "png" }, limit = 2,
            cursor = answer.GetProperty("cursor").GetString(),
        });
        Assert.Equal(4, answer.GetProperty("hits").EnumerateArray().Concat(rest.GetProperty("hits").EnumerateArray())
            .Select(h => h.GetProperty("id").GetInt64()).Distinct().Count());
        Assert.Equal(JsonValueKind.Null, rest.GetProperty("cursor").ValueKind);
        await RefusedAsync("/api/search", new { terms = new[] { new { text = "a", image = 1 } } });
        await RefusedAsync("/api/search", new { query = "a", terms = new[] { new { text = "a" } } });
        await RefusedAsync("/api/search", new { query = "a", filter = new { colour = 1 } });
    }

    [Fact]
    public async Task Without_a_query_images_are_listed_and_facets_count_them()
    {
        using var images = JsonDocument.Parse(await server.Http.GetStringAsync("/api/images?orientation=landscape&limit=3"));
        Assert.Equal(3, images.RootElement.GetProperty("hits").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, images.RootElement.GetProperty("hits")[0].GetProperty("score").ValueKind);
        using var facets = JsonDocument.Parse(await server.Http.GetStringAsync("/api/facets"));
        Assert.Contains(facets.RootElement.EnumerateArray(), f => f.GetProperty("field").GetString() == "format" && f.GetProperty("count").GetInt32() == 4);
    }

    [Fact]
    public async Task Albums_are_saved_replaced_and_forgotten()
    {
        using var saved = await server.Http.PutAsJsonAsync("/api/albums", new { name = " Blue ", query = "?q=blue" });
        var album = await saved.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(("Blue", "q=blue"), (album.GetProperty("name").GetString(), album.GetProperty("query").GetString()));
        await server.Http.PutAsJsonAsync("/api/albums", new { name = "Blue", query = "q=navy" });
        using var all = JsonDocument.Parse(await server.Http.GetStringAsync("/api/albums"));
        Assert.Equal("q=navy", Assert.Single(all.RootElement.EnumerateArray().ToList()).GetProperty("query").GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await server.Http.DeleteAsync($"/api/albums/{album.GetProperty("id")}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.DeleteAsync($"/api/albums/{album.GetProperty("id")}")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Http.PutAsJsonAsync("/api/albums", new { name = " ", query = "q=a" })).StatusCode);
    }

    [Fact]
    public async Task Rank_orders_texts_by_a_picture_as_clip_as_service_does()
    {
        var uri = "data:image/png;base64," + Convert.ToBase64String(Server.Png(220, 30, 30));
        var answer = await PostAsync("/rank", new
        {
            data = new object[] { new { id = "x", uri, matches = new object[] { new { text = "a photo of a dog" }, new { text = "a red square" }, new { uri } } } },
        });

        var matches = answer.GetProperty("data")[0].GetProperty("matches").EnumerateArray().ToList();
        var cosines = matches.Select(m => m.GetProperty("scores").GetProperty("clip_score_cosine").GetProperty("value").GetDouble()).ToList();
        Assert.Equal(cosines.OrderDescending(), cosines);
        Assert.Equal(1, cosines[0], 2e-2);
        Assert.Equal(1, matches.Sum(m => m.GetProperty("scores").GetProperty("clip_score").GetProperty("value").GetDouble()), 1e-4);
        await RefusedAsync("/rank", new { data = new object[] { new { text = "a" } } });
        await RefusedAsync("/rank", new { data = new object[] { new { text = "a", uri, matches = new object[] { new { text = "b" } } } } });
        await RefusedAsync("/rank", new { });
    }

    // What clip_retrieval.clip_client.ClipClient.query and the front end send, field by field.
    [Fact]
    public async Task What_clip_retrievals_client_sends_is_answered_under_its_names()
    {
        var sent = new
        {
            text = "a blue square", image = (string?)null, image_url = (string?)null, embedding_input = (float[]?)null, deduplicate = false, use_safety_model = true,
            use_violence_detector = true, indice_name = "sightline-clip-0", use_mclip = false, aesthetic_score = 9, aesthetic_weight = 0.5, modality = "image",
            num_images = 2, num_result_ids = 3,
        };
        var hits = (await PostAsync("/knn-service", sent)).EnumerateArray().ToList();
        Assert.Equal(3, hits.Count);
        Assert.All(hits, hit => Assert.InRange(hit.GetProperty("similarity").GetDouble(), -1, 1));
        using var file = await server.Http.GetAsync(hits[0].GetProperty("url").GetString());
        Assert.Equal("image/png", file.Content.Headers.ContentType!.MediaType);

        var byPicture = await PostAsync("/knn-service", new { image = Convert.ToBase64String(Server.Png(30, 60, 220)), modality = "image", num_images = 1, deduplicate = false });
        Assert.Equal("blue.png", byPicture[0].GetProperty("image_path").GetString());
        using var indices = JsonDocument.Parse(await server.Http.GetStringAsync("/indices-list"));
        Assert.Equal("sightline-clip-0", indices.RootElement[0].GetString());
        var metadata = await PostAsync("/metadata", new { ids = new[] { byPicture[0].GetProperty("id").GetInt64() }, indice_name = "sightline-clip-0" });
        Assert.Equal("blue.png", metadata[0].GetProperty("metadata").GetProperty("image_path").GetString());
        await RefusedAsync("/knn-service", new { modality = "image" });
        await RefusedAsync("/knn-service", new { text = "a", modality = "text" });
        await RefusedAsync("/knn-service", new { text = "a", indice_name = "laion5B" });
        await RefusedAsync("/knn-service", new { embedding_input = new[] { 1.0, 2.0 } });
    }

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using var response = await server.Http.PostAsJsonAsync(path, body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task RefusedAsync(string path, object body)
    {
        using var response = await server.Http.PostAsJsonAsync(path, body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }
}
