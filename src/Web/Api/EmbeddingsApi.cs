using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sightline.Models;
using Sightline.Models.Images;

namespace Sightline.Web.Api;

/// <param name="Input">A text or a list of texts; <c>data:image/...;base64,</c> addresses are embedded as pictures.</param>
/// <param name="Model">Ignored: one model is served.</param>
public sealed record EmbeddingsRequest(JsonElement Input, string? Model);

public sealed record EmbeddingItem(string Object, int Index, float[] Embedding);

public sealed record EmbeddingsUsage(int PromptTokens, int TotalTokens);

public sealed record EmbeddingsResponse(string Object, IReadOnlyList<EmbeddingItem> Data, string Model, EmbeddingsUsage Usage);

/// <summary>Embeddings in the shape of OpenAI's API.</summary>
internal static class EmbeddingsApi
{
    private const int MostInputs = 256;

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/v1/embeddings",
            EmbedAsync).WithSummary("Unit-length embeddings of texts and pictures (OpenAI's shape).").DisableAntiforgery();

    private static async Task<Results<Ok<EmbeddingsResponse>, ProblemHttpResult>> EmbedAsync(
        EmbeddingsRequest request, IEmbedder embedder, DeviceQueue device, CancellationToken cancellationToken)
    {
        string?[] inputs = request.Input.ValueKind switch
        {
            JsonValueKind.String => [request.Input.GetString()],
            JsonValueKind.Array =>
                [.. request.Input.EnumerateArray().Select(i => i.ValueKind == JsonValueKind.String ? i.GetString() : null)],
            _ => [],
        };
        if (inputs.Length is 0 or > MostInputs || inputs.Contains(null))
        {
            return TypedResults.Problem($"input is a text, or a list of 1 to {MostInputs} texts.",
                statusCode: StatusCodes.Status400BadRequest);
        }

        var embeddings = new Embedding[inputs.Length];
        int[] pictures = [.. Enumerable.Range(0, inputs.Length).Where(i => inputs[i]!.StartsWith("data:image/", StringComparison.Ordinal))];
        int[] texts = [.. Enumerable.Range(0, inputs.Length).Except(pictures)];
        var decoded = pictures.Select(i => Decode(inputs[i]!, i)).ToList();
        var ofPictures = await device.RunAsync(DevicePriority.Interactive, () =>
            embedder.EmbedImages(decoded, cancellationToken), cancellationToken);
        var ofTexts = await device.RunAsync(
            DevicePriority.Interactive, () =>
                embedder.EmbedTexts([.. texts.Select(i => inputs[i]!)], cancellationToken), cancellationToken);
        for (var i = 0; i < pictures.Length; i++)
        {
            embeddings[pictures[i]] = ofPictures[i];
        }

        for (var i = 0; i < texts.Length; i++)
        {
            embeddings[texts[i]] = ofTexts[i];
        }

        return TypedResults.Ok(new EmbeddingsResponse(
            "list", [.. embeddings.Select((e, i) => new EmbeddingItem("embedding", i, e.Values.ToArray()))], embedder.Space.Model,
                new EmbeddingsUsage(0, 0)));
    }

    private static RgbImage Decode(string address, int index)
    {
        var comma = address.IndexOf(";base64,", StringComparison.Ordinal);
        var bytes = new byte[address.Length];
        if (comma < 0 || !Convert.TryFromBase64Chars(address.AsSpan(comma + 8), bytes, out var length))
        {
            throw new ArgumentException($"input {index} is no base64 data address.");
        }

        return ImageDecoder.TryDecode(bytes.AsSpan(0, length), new DecodeOptions(), out var image, out var fault)
            ? image!.Pixels
            : throw new ArgumentException($"input {index}: {fault!.Detail} ({fault.Reason})");
    }
}
