using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Sightline.Indexer;

/// <summary>What this room measures.</summary>
internal static class Telemetry
{
    private static readonly Meter Meter = new("Sightline.Indexer");

    /// <summary>Spans: <c>job</c>, one job from its claim to its end.</summary>
    internal static readonly ActivitySource Source = new("Sightline.Indexer");

    internal static readonly Counter<long> Images = Meter.CreateCounter<long>(
        "sightline.index.images", "{image}", "Files that indexing dealt with, by outcome: added, unchanged, or a fault's reason.");
}
