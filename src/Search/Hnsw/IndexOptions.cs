namespace Sightline.Search;

/// <summary>How the vector index is kept.</summary>
/// <param name="RunRows">Rows that the tail takes in before they are built into a segment, at least 1. More rows mean fewer segments and
/// slower exact searches of the tail.</param>
/// <param name="BuildBeam">Nodes that compete to be a new node's neighbours (the paper's efConstruction), 1 to 1000: a larger one builds
/// a better graph more slowly.</param>
public sealed record IndexOptions(int RunRows = 8192, int BuildBeam = 160)
{
    /// <summary>When a build or a write that failed is tried again.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(30);
}
