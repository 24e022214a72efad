namespace Sightline.Search;

/// <summary>Arguments of a job of kind <see cref="Kind"/>.</summary>
/// <param name="Folder">Absolute path.</param>
/// <param name="Exclude">Glob patterns of what is passed over; null keeps the folder's own.</param>
public sealed record IndexRequest(string Folder, IReadOnlyList<string>? Exclude)
{
    public const string Kind = "index";
}
