using System.Net.Http.Json;
using System.Text.Json;
using Sightline.TestKit;

namespace Sightline.Web.Tests;

/// <summary>OpenAI's own client from npm against our API, with and without a key.</summary>
public sealed class OpenAiClientTests(Server server) : IClassFixture<Server>
{
    private const string Package = "openai@5.23.2";

    private const string Script = """
        import OpenAI from 'openai';
        const [base, picture] = process.argv.slice(2);
        const client = new OpenAI({ baseURL: base + '/v1', apiKey: 'none needed', maxRetries: 0 });
        const models = [];
        for await (const model of client.models.list()) { models.push(model.id); }
        const one = await client.embeddings.create({ model: models[0], input: 'a red square' });
        const several = await client.embeddings.create({ model: models[0], input: ['a red square', picture], encoding_format: 'float' });
        let refused;
        try { await client.embeddings.create({ model: 'text-embedding-3-small', input: 'a' }); } catch (e) { refused = { status: e.status, message: e.message }; }
        console.log(JSON.stringify({ models, one, several, refused }));
        """;

    [Fact]
    public async Task The_npm_client_lists_models_embeds_texts_and_pictures_and_shows_errors()
    {
        using var node = new NodeFolder();
        await node.InstallAsync(Package);
        var picture = "data:image/png;base64," + Convert.ToBase64String(Server.Png(220, 30, 30));

        var answer = JsonDocument.Parse(await node.RunScriptAsync(Script, server.Http.BaseAddress!.ToString().TrimEnd('/'), picture)).RootElement;

        Assert.Equal("sightline-clip-0", answer.GetProperty("models")[0].GetString());

        // Asked for nothing else, the client asks for base64 and decodes it.
        var one = Values(answer.GetProperty("one").GetProperty("data")[0]);
        Assert.Equal(256, one.Length);
        Assert.Equal(1, one.Sum(v => v * v), 1e-4);
        Assert.Equal(one, Values(answer.GetProperty("several").GetProperty("data")[0]));
        Assert.NotEqual(one, Values(answer.GetProperty("several").GetProperty("data")[1]));
        Assert.InRange(answer.GetProperty("one").GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), 3, 8);
        Assert.Equal(400, answer.GetProperty("refused").GetProperty("status").GetInt32());
        Assert.Contains("text-embedding-3-small is not served", answer.GetProperty("refused").GetProperty("message").GetString(), StringComparison.Ordinal);

        using var plain = await server.Http.PostAsJsonAsync("/v1/embeddings", new { input = "a red square" });
        Assert.Equal(one, Values((await plain.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data")[0]));
    }

    private static float[] Values(JsonElement item) => [.. item.GetProperty("embedding").EnumerateArray().Select(v => v.GetSingle())];
}
