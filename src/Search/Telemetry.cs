using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Sightline.Search;

/// <summary>What this room measures; Npgsql measures the database itself. Times are seconds.</summary>
internal static class Telemetry
{
    internal const string MeterName = "Sightline.Search";

    private static readonly Meter Meter = new(MeterName);

    /// <summary>Spans: <c>search</c>, and in it <c>search index</c>.</summary>
    internal static readonly ActivitySource Source = new(MeterName);

    internal static readonly Histogram<double> IndexSearch = Meter.CreateHistogram(
        "sightline.index.search.duration", "s", "Time to search the vector index once.", tags: null,
        new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries =
                [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
        });

    internal static readonly Histogram<double> CatalogRead = Meter.CreateHistogram(
        "sightline.database.read.duration", "s", "Time to read the rows of images from the database.", tags: null,
        new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
        });

    internal static readonly Counter<long> JobsEnded = Meter.CreateCounter<long>(
        "sightline.jobs", "{job}", "Jobs that ended or were handed back, by outcome.");

    internal static readonly Gauge<long> JobsOpen = Meter.CreateGauge<long>(
        "sightline.jobs.open", "{job}", "Jobs in the database that are queued or running.");
}
