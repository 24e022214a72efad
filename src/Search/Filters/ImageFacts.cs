namespace Sightline.Search;

/// <summary>What filters ask about an image, held in memory beside its vector.</summary>
/// <param name="Folder">Number of the folder it lies in, see <see cref="FactTable"/>.</param>
/// <param name="ShownAt">Date taken, else modified: microseconds since 1970, UTC, as PostgreSQL keeps it.</param>
/// <param name="Width">As shown, in pixels.</param>
/// <param name="Height">As shown, in pixels.</param>
/// <param name="Camera">Number of the camera's name.</param>
/// <param name="Format">Number of the format's name.</param>
internal readonly record struct ImageFacts(
    int Folder, long ShownAt, long Bytes, int Width, int Height, int Camera, int Format, bool HasCaption, bool IsGenerated);

/// <summary>The same as it comes from the database.</summary>
internal sealed record ImageRow(
    string Folder, DateTimeOffset ShownAt, long Bytes, int Width, int Height, string? Camera, string Format, bool HasCaption,
    bool IsGenerated);
