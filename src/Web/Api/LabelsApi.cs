using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sightline.Models;
using Sightline.Models.Images;
using Sightline.Search;
using Sightline.Web.Access;

namespace Sightline.Web.Api;

/// <param name="Prompts">What stands in the templates; the name where absent.</param>
/// <param name="Threshold">Least probability of a tag; the job's where absent.</param>
public sealed record LabelDto(string Name, IReadOnlyList<string>? Prompts, double? Threshold)
{
    /// <exception cref="ArgumentException">A list of labels is missing or holds null.</exception>
    internal static IReadOnlyList<Label> Read(IReadOnlyList<LabelDto>? labels) => [.. (labels ?? throw new ArgumentException("labels is missing.")).Select(l =>
        l?.Name is { } name ? new Label(name, l.Prompts ?? [name], l.Threshold) : throw new ArgumentException("A label has no name."))];
}

/// <param name="Templates">Sentences with {} for the prompt; CLIP's seven best where absent.</param>
public sealed record LabelSetDto(string Name, IReadOnlyList<LabelDto> Labels, IReadOnlyList<string>? Templates)
{
    internal static LabelSetDto From(LabelSet set) => new(set.Name, [.. set.Labels.Select(l => new LabelDto(l.Name, l.Prompts, l.Threshold))], set.Templates);
}

/// <param name="Text">One label a line, with prompts after a colon: <c>dog: a puppy | a hound</c>; or else labels.</param>
public sealed record LabelSetRequest(string? Text, IReadOnlyList<LabelDto>? Labels, IReadOnlyList<string>? Templates);

/// <param name="LabelSet">A saved set; or else labels.</param>
/// <param name="Labels">Labels of the moment.</param>
/// <param name="Image">An image of the collection; or else a picture.</param>
/// <param name="Picture">A picture as a data address.</param>
public sealed record ClassifyRequest(string? LabelSet, IReadOnlyList<string>? Labels, long? Image, string? Picture, int? Top);

/// <param name="Cosine">Likeness to the label's averaged prompts.</param>
/// <param name="Probability">Among the labels and "none of these".</param>
/// <param name="Typographic">The picture may hold the word rather than the thing.</param>
public sealed record PredictionDto(string Label, double Cosine, double Probability, bool Typographic);

/// <param name="None">The probability of "none of these".</param>
public sealed record ClassifyResponse(IReadOnlyList<PredictionDto> Labels, double None, string Model);

/// <summary>Label sets, and what a picture is taken for.</summary>
internal static class LabelsApi
{
    private const int DefaultTop = 10;

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/labels", ListAsync).WithSummary("Label sets by name.");
        app.MapGet("/api/labels/{name}", GetAsync).WithSummary("One label set, in the form that saving takes.");
        app.MapPut("/api/labels/{name}", SaveAsync).WithSummary("Save a label set; one of the same name is replaced.");
        app.MapDelete("/api/labels/{name}", DeleteAsync).WithSummary("Forget a label set and its suggestions; tags that people have accepted stay.");
        app.MapPost("/api/classify", ClassifyAsync).WithSummary("What a picture is taken for, with probabilities.").DisableAntiforgery().OnlyReads().TakesPictures();
    }

    private static async Task<Ok<List<LabelSetDto>>> ListAsync(Catalog catalog, CancellationToken cancellationToken) =>
        TypedResults.Ok((await catalog.ReadLabelSetsAsync(cancellationToken)).Select(LabelSetDto.From).ToList());

    private static async Task<Results<Ok<LabelSetDto>, ProblemHttpResult>> GetAsync(
        string name, Catalog catalog, CancellationToken cancellationToken) => await catalog.FindLabelSetAsync(name, cancellationToken) is { } set
        ? TypedResults.Ok(LabelSetDto.From(set))
        : NoSuchSet(name);

    private static async Task<NoContent> SaveAsync(string name, LabelSetRequest request, Catalog catalog, CancellationToken cancellationToken)
    {
        if (request.Text is null == request.Labels is null)
        {
            throw new ArgumentException("A label set is given as text or as labels.");
        }

        var set = request.Text is { } text
            ? LabelSet.Parse(name, text)
            : new LabelSet(name, LabelDto.Read(request.Labels), LabelSet.DefaultTemplates);
        await catalog.SaveLabelSetAsync(request.Templates is { } templates ? set with { Templates = templates } : set, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string name, Catalog catalog, CancellationToken cancellationToken) => await catalog.DeleteLabelSetAsync(name, cancellationToken)
        ? TypedResults.NoContent()
        : NoSuchSet(name);

    private static ProblemHttpResult NoSuchSet(string name) =>
        TypedResults.Problem($"There is no label set {name}.", statusCode: StatusCodes.Status404NotFound);

    private static async Task<Ok<ClassifyResponse>> ClassifyAsync(
        ClassifyRequest request, Catalog catalog, Tagger tagger, SearchEngine engine, IEmbedder embedder, DeviceQueue device,
        CancellationToken cancellationToken)
    {
        var set = request switch
        {
            { LabelSet: { } name, Labels: null } => await catalog.FindLabelSetAsync(name, cancellationToken)
                ?? throw new ArgumentException($"There is no label set {name}."),
            { LabelSet: null, Labels: { } labels } => new LabelSet("these", [.. labels.Select(l => new Label(l, [l]))], LabelSet.DefaultTemplates),
            _ => throw new ArgumentException("Give a label set or labels."),
        };
        var picture = request switch
        {
            { Image: { } image, Picture: null } => await engine.FindEmbeddingAsync(new ImageId(image), cancellationToken)
                ?? throw new ImageNotFoundException(new ImageId(image)),
            { Image: null, Picture: { } address } => await EmbedAsync(DataAddress.Decode(address, "picture")),
            _ => throw new ArgumentException("Give an image or a picture."),
        };
        var found = (await tagger.PrepareAsync(set, cancellationToken)).Classify(picture);
        return TypedResults.Ok(new ClassifyResponse(
            [.. found.Labels.Take(Math.Clamp(request.Top ?? DefaultTop, 1, LabelSet.MaxLabels))
                .Select(l => new PredictionDto(l.Label.Name, l.Cosine, l.Probability, l.Typographic))], found.None, embedder.Space.Model));

        async Task<Embedding> EmbedAsync(RgbImage pixels) => (await device.RunAsync(
            DevicePriority.Interactive, () => embedder.EmbedImages([pixels], cancellationToken), cancellationToken))[0];
    }
}
