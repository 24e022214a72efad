using System.Numerics.Tensors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sightline.Models;
using Sightline.Web.Access;

namespace Sightline.Web.Api;

/// <summary>A document as clip-as-service has it: a text, or a picture as a data address in uri or as base64 in blob.</summary>
/// <param name="Matches">What is to be ranked by its likeness to the document.</param>
public sealed record RankDocument(string? Id, string? Text, string? Uri, string? Blob, IReadOnlyList<RankDocument>? Matches);

public sealed record RankRequest(IReadOnlyList<RankDocument> Data);

public sealed record RankScore(double Value);

/// <param name="ClipScore">The share of the likeness among all matches (softmax with CLIP's temperature of 100); sums to 1.</param>
/// <param name="ClipScoreCosine">Cosine similarity.</param>
public sealed record RankScores(
    [property: System.Text.Json.Serialization.JsonPropertyName("clip_score")] RankScore ClipScore,
    [property: System.Text.Json.Serialization.JsonPropertyName("clip_score_cosine")] RankScore ClipScoreCosine);

public sealed record RankedMatch(string? Id, string? Text, string? Uri, RankScores Scores);

public sealed record RankedDocument(string? Id, string? Text, string? Uri, IReadOnlyList<RankedMatch> Matches);

public sealed record RankResponse(IReadOnlyList<RankedDocument> Data);

/// <summary>Ranks texts by a picture, pictures by a text, or any by any, as clip-as-service's rank does.</summary>
internal static class RankApi
{
    private const int MostMatches = 1000;
    private const float LogitScale = 100;

    internal static void Map(IEndpointRouteBuilder app) => app.MapPost("/rank", RankAsync)
        .WithSummary("Rank each document's matches by likeness (clip-as-service's shape).").DisableAntiforgery().OnlyReads().TakesPictures();

    private static async Task<Ok<RankResponse>> RankAsync(
        RankRequest request, IEmbedder embedder, DeviceQueue device, CancellationToken cancellationToken)
    {
        var documents = request.Data ?? throw new ArgumentException("data is a list of documents with matches.");
        var count = documents.Sum(d => d?.Matches?.Count ?? 0);
        if (count is 0 or > MostMatches || documents.Any(d => d?.Matches is not { Count: > 0 }))
        {
            throw new ArgumentException($"Each document needs matches, and all together 1 to {MostMatches}, not {count}.");
        }

        var ranked = new List<RankedDocument>();
        foreach (var (i, document) in documents.Index())
        {
            var all = await EmbedAsync([document, .. document.Matches!], $"document {i}", embedder, device, cancellationToken);
            float[] cosines = [.. all[1..].Select(all[0].Similarity)];
            var shares = new float[cosines.Length];
            TensorPrimitives.Subtract(cosines, cosines.Max(), shares);
            TensorPrimitives.Multiply(shares, LogitScale, shares);
            TensorPrimitives.SoftMax<float>(shares, shares);
            ranked.Add(new RankedDocument(document.Id, document.Text, document.Uri, [.. document.Matches!
                .Select((m, j) => new RankedMatch(m.Id, m.Text, m.Uri, new RankScores(new(shares[j]), new(cosines[j]))))
                .OrderByDescending(m => m.Scores.ClipScoreCosine.Value)]));
        }

        return TypedResults.Ok(new RankResponse(ranked));
    }

    private static async Task<Embedding[]> EmbedAsync(
        IReadOnlyList<RankDocument> documents, string name, IEmbedder embedder, DeviceQueue device, CancellationToken cancellationToken)
    {
        var texts = documents.Where(d => d is { Text: not null, Uri: null, Blob: null }).Select(d => d.Text!).ToList();
        var pictures = documents.Index().Where(d => d.Item.Text is null).Select(d => d.Item switch
        {
            { Uri: { } uri, Blob: null } => DataAddress.Decode(uri, $"{name}, part {d.Index}"),
            { Uri: null, Blob: { } blob } => DataAddress.DecodeBase64(blob, $"{name}, part {d.Index}"),
            _ => throw new ArgumentException($"{name}, part {d.Index} has not exactly one of text, uri and blob."),
        }).ToList();
        if (texts.Count + pictures.Count != documents.Count)
        {
            throw new ArgumentException($"{name}: a part has not exactly one of text, uri and blob.");
        }

        var ofTexts = new Queue<Embedding>(await device.RunAsync(
            DevicePriority.Interactive, () => embedder.EmbedTexts(texts, cancellationToken), cancellationToken));
        var ofPictures = new Queue<Embedding>(await device.RunAsync(
            DevicePriority.Interactive, () => embedder.EmbedImages(pictures, cancellationToken), cancellationToken));
        return [.. documents.Select(d => (d.Text is null ? ofPictures : ofTexts).Dequeue())];
    }
}
