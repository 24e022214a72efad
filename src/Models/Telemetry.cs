using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Sightline.Models;

/// <summary>What this room measures. Times are seconds.</summary>
internal static class Telemetry
{
    private static readonly Meter Meter = new("Sightline.Models");

    /// <summary>Spans: <c>embed</c>, a batch on the device.</summary>
    internal static readonly ActivitySource Source = new("Sightline.Models");

    private static readonly InstrumentAdvice<double> Times = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    internal static readonly Histogram<double> TextEmbedding = Meter.CreateHistogram(
        "sightline.embed.text.duration", "s", "Time to embed a batch of texts.", tags: null, Times);

    internal static readonly Histogram<double> ImageEmbedding = Meter.CreateHistogram(
        "sightline.embed.image.duration", "s", "Time to embed a batch of pictures.", tags: null, Times);

    internal static readonly UpDownCounter<long> DeviceWaiting = Meter.CreateUpDownCounter<long>(
        "sightline.device.queue.length", "{item}", "Work that waits for the device or runs on it.");
}
