using Sightline.Search;

namespace Sightline.Web.Api;

/// <summary>Why an image is among the hits.</summary>
/// <param name="Kind">content, name, folder, caption or tag.</param>
/// <param name="Text">What matched; empty for content.</param>
public sealed record ReasonDto(string Kind, string Text);

/// <summary>An image as the answer to a search.</summary>
/// <param name="Score">Cosine similarity to the query; absent where nothing was searched for.</param>
/// <param name="Sigma">Deviations above the middle of the query's scores over the collection; absent in small collections.</param>
/// <param name="Chance">The probability that a picture which the query does not mean scores so high.</param>
/// <param name="Folded">Images nearly the same that were folded into this one.</param>
public sealed record HitDto(
    long Id, double? Score, double? Sigma, double? Chance, IReadOnlyList<ReasonDto> Reasons, IReadOnlyList<long> Folded, string Folder,
    string Path, string Format, int Width, int Height, long Bytes, DateTimeOffset ModifiedAt, DateTimeOffset? TakenAt, string? Camera,
    string? Caption, string Provenance, string Thumb, string File, string Page)
{
    internal static HitDto From(Hit hit)
    {
        var image = ImageDto.From(hit.Image);
        return new(
            image.Id, hit.Score, hit.Sigma, hit.Chance, [.. hit.Reasons.Select(r => new ReasonDto(r.Kind, r.Text))],
            [.. hit.Folded.Select(f => f.Value)], image.Folder, image.Path, image.Format, image.Width, image.Height, image.Bytes,
            image.ModifiedAt, image.TakenAt, image.Camera, image.Caption, image.Provenance, image.Thumb, image.File, image.Page);
    }
}
