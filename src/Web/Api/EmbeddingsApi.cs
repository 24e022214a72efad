using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sightline.Models;
using Sightline.Models.Images;
using Sightline.Web.Access;

namespace Sightline.Web.Api;

/// <param name="Input">A text or a list of texts; <c>data:image/...;base64,</c> addresses are embedded as pictures.</param>
/// <param name="Model">The model that is served, or absent.</param>
/// <param name="EncodingFormat">float, or base64 for little-endian float32 (what OpenAI's own clients ask for).</param>
/// <param name="Dimensions">The model's own number, or absent.</param>
/// <param name="User">Ignored.</param>
public sealed record EmbeddingsRequest(
    JsonElement Input, string? Model, [property: System.Text.Json.Serialization.JsonPropertyName("encoding_format")] string? EncodingFormat,
    int? Dimensions, string? User);

/// <param name="Embedding">A list of numbers, or base64 where that was asked for.</param>
public sealed record EmbeddingItem(string Object, int Index, JsonElement Embedding);

public sealed record EmbeddingsUsage(
    [property: System.Text.Json.Serialization.JsonPropertyName("prompt_tokens")] int PromptTokens,
    [property: System.Text.Json.Serialization.JsonPropertyName("total_tokens")] int TotalTokens);

public sealed record EmbeddingsResponse(string Object, IReadOnlyList<EmbeddingItem> Data, string Model, EmbeddingsUsage Usage);

public sealed record ModelItem(string Id, string Object, long Created, [property: System.Text.Json.Serialization.JsonPropertyName("owned_by")] string OwnedBy);

public sealed record ModelList(string Object, IReadOnlyList<ModelItem> Data);

/// <summary>Embeddings in the shape of OpenAI's API.</summary>
internal static class EmbeddingsApi
{
    private const int MostInputs = 256;

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/embeddings", EmbedAsync)
            .WithSummary("Unit-length embeddings of texts and pictures (OpenAI's shape).").DisableAntiforgery().OnlyReads().TakesPictures();
        app.MapGet("/v1/models", (IEmbedder embedder) => TypedResults.Ok(new ModelList("list", [new(embedder.Space.Model, "model", 0, "sightline")])))
            .WithSummary("The model that is served (OpenAI's shape).");
    }

    private static async Task<Ok<EmbeddingsResponse>> EmbedAsync(
        EmbeddingsRequest request, IEmbedder embedder, DeviceQueue device, CancellationToken cancellationToken)
    {
        var inputs = Inputs(request.Input);
        Check(request, embedder.Space);
        RgbImage[] pictures = [.. inputs.Index().Where(i => DataAddress.IsPicture(i.Item)).Select(i => DataAddress.Decode(i.Item, $"input {i.Index}"))];
        string[] texts = [.. inputs.Where(i => !DataAddress.IsPicture(i))];
        var ofPictures = new Queue<Embedding>(await device.RunAsync(
            DevicePriority.Interactive, () => embedder.EmbedImages(pictures, cancellationToken), cancellationToken));
        var ofTexts = new Queue<Embedding>(await device.RunAsync(
            DevicePriority.Interactive, () => embedder.EmbedTexts(texts, cancellationToken), cancellationToken));
        var data = inputs.Select((input, i) =>
            new EmbeddingItem("embedding", i, Encode((DataAddress.IsPicture(input) ? ofPictures : ofTexts).Dequeue(), request.EncodingFormat)));
        var tokens = texts.Sum(embedder.CountTokens);
        return TypedResults.Ok(new EmbeddingsResponse("list", [.. data], embedder.Space.Model, new EmbeddingsUsage(tokens, tokens)));
    }

    private static string[] Inputs(JsonElement input)
    {
        JsonElement[] items = input.ValueKind == JsonValueKind.Array ? [.. input.EnumerateArray()] : [input];
        return items.Length is >= 1 and <= MostInputs && items.All(i => i.ValueKind == JsonValueKind.String && i.GetString()!.Length > 0)
            ? [.. items.Select(i => i.GetString()!)]
            : throw new ArgumentException($"input is a text, or a list of 1 to {MostInputs} texts; none of them empty.");
    }

    private static void Check(EmbeddingsRequest request, EmbeddingSpace space)
    {
        if (request.Model is { Length: > 0 } model && model != space.Model)
        {
            throw new ArgumentException($"The model {model} is not served here; {space.Model} is.");
        }

        if (request.Dimensions is { } dimensions && dimensions != space.Dimensions)
        {
            throw new ArgumentException($"Embeddings of {space.Model} have {space.Dimensions} dimensions, not {dimensions}.");
        }

        if (request.EncodingFormat is not (null or "float" or "base64"))
        {
            throw new ArgumentException($"encoding_format is float or base64, not {request.EncodingFormat}.");
        }
    }

    private static JsonElement Encode(Embedding embedding, string? format) => format == "base64"
        ? JsonSerializer.SerializeToElement(Convert.ToBase64String(MemoryMarshal.AsBytes(embedding.Values)))
        : JsonSerializer.SerializeToElement(embedding.Values.ToArray());
}
