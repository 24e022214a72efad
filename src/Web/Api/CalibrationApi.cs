using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sightline.Models;
using Sightline.Search;
using Sightline.Web.Access;

namespace Sightline.Web.Api;

/// <param name="Embedding">From /v1/embeddings with <c>encoding_format</c> base64.</param>
/// <param name="Label">One of the labels; absent: none of them.</param>
public sealed record LabelledPicture(string Embedding, string? Label);

/// <param name="Fit">Pictures to fit the constants to.</param>
/// <param name="Test">Others, to measure by.</param>
/// <param name="Name">What the pictures are, kept with the constants.</param>
public sealed record CalibrationRequest(
    IReadOnlyList<LabelDto> Labels, IReadOnlyList<LabelledPicture> Fit, IReadOnlyList<LabelledPicture> Test, double? Threshold, string Name);

public sealed record CalibrationResponse(TagCalibration Calibration, TagReport Report, TagReport Before);

/// <summary>Fits the model's probabilities to pictures whose labels are known.</summary>
internal static class CalibrationApi
{
    internal static void Map(IEndpointRouteBuilder app) => app.MapPost("/api/calibration", CalibrateAsync)
        .WithSummary("Fit tag probabilities to labelled pictures and measure them on others.").DisableAntiforgery().ForAdmins().TakesPictures();

    private static async Task<Ok<CalibrationResponse>> CalibrateAsync(
        CalibrationRequest request, Tagger tagger, SearchEngine engine, CancellationToken cancellationToken)
    {
        var set = new LabelSet("calibration", LabelDto.Read(request.Labels), LabelSet.DefaultTemplates);
        var (fit, test) = (Read(request.Fit, set, engine.Space), Read(request.Test, set, engine.Space));
        var threshold = request.Threshold ?? TagRequest.DefaultThreshold;
        Embedding[] among = [.. test.Select(t => t.Picture)];
        var before = TagReport.Of(await tagger.PrepareAmongAsync(set, among, cancellationToken), test, threshold);
        var calibration = await tagger.CalibrateAsync(set, fit, request.Name, cancellationToken);
        var after = TagReport.Of(await tagger.PrepareAmongAsync(set, among, cancellationToken), test, threshold);
        return TypedResults.Ok(new CalibrationResponse(calibration, after, before));
    }

    private static List<(Embedding Picture, string? Label)> Read(IReadOnlyList<LabelledPicture> pictures, LabelSet set, EmbeddingSpace space)
    {
        var known = set.Labels.Select(l => l.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. pictures.Select(p => p.Label is null || known.Contains(p.Label)
            ? (Decode(p.Embedding, space), p.Label)
            : throw new ArgumentException($"{p.Label} is none of the labels."))];
    }

    private static Embedding Decode(string base64, EmbeddingSpace space)
    {
        var bytes = new byte[space.Dimensions * sizeof(float)];
        return Convert.TryFromBase64String(base64, bytes, out var length) && length == bytes.Length
            ? Embedding.Normalize(space, MemoryMarshal.Cast<byte, float>(bytes))
            : throw new ArgumentException($"An embedding is not {space.Dimensions} little-endian float32 in base64.");
    }
}
