using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace Sightline.Web.Metrics;

/// <summary>
/// Collects what the rooms, ASP.NET Core, Npgsql and the runtime measure, and writes it in Prometheus's text format 0.0.4
/// (prometheus.io/docs/instrumenting/exposition_formats). Counts begin when it is made. Thread-safe.
/// </summary>
internal sealed class MetricsPage : IDisposable
{
    internal const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    // The conventions' boundaries for a request in seconds, for instruments that advise none.
    private static readonly double[] DefaultBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<MetricFamily, bool> _observed = new();
    private readonly MeterListener _listener = new();
    private readonly Lock _writing = new();

    public MetricsPage()
        : this(TelemetryNames.Meters)
    {
    }

    internal MetricsPage(IReadOnlyCollection<string> meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (meters.Contains(instrument.Meter.Name) && Family(instrument) is { } family)
            {
                listener.EnableMeasurementEvents(instrument, family);
            }
        };
        _listener.SetMeasurementEventCallback<byte>((i, value, tags, family) => Record(i, value, tags, family));
        _listener.SetMeasurementEventCallback<short>((i, value, tags, family) => Record(i, value, tags, family));
        _listener.SetMeasurementEventCallback<int>((i, value, tags, family) => Record(i, value, tags, family));
        _listener.SetMeasurementEventCallback<long>((i, value, tags, family) => Record(i, value, tags, family));
        _listener.SetMeasurementEventCallback<float>((i, value, tags, family) => Record(i, value, tags, family));
        _listener.SetMeasurementEventCallback<double>(Record);
        _listener.SetMeasurementEventCallback<decimal>((i, value, tags, family) => Record(i, (double)value, tags, family));
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>The page as it is now.</summary>
    internal string Write()
    {
        lock (_writing)
        {
            foreach (var family in _observed.Keys)
            {
                family.Clear();
            }

            _listener.RecordObservableInstruments();
            var page = new StringBuilder();
            foreach (var (_, family) in _families.OrderBy(f => f.Key, StringComparer.Ordinal))
            {
                family.Write(page);
            }

            return page.ToString();
        }
    }

    private static void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var family = (MetricFamily)state!;
        var series = family.Series(tags);
        if (family.Kind == MetricKind.Histogram)
        {
            series.Observe(value);
        }
        else if (instrument.IsObservable || IsSet(instrument))
        {
            series.Set(value);
        }
        else
        {
            series.Add(value);
        }
    }

    // Null: another instrument has this name and is of another kind; the page can show one of them.
    private MetricFamily? Family(Instrument instrument)
    {
        var kind = KindOf(instrument);
        var name = MetricNames.Of(instrument, kind);
        var bounds = kind == MetricKind.Histogram ? Bounds(instrument) : [];
        var family = _families.GetOrAdd(name, _ => new MetricFamily(name, instrument.Description ?? instrument.Name, kind, bounds));
        if (instrument.IsObservable)
        {
            _observed.TryAdd(family, true);
        }

        return family.Kind == kind ? family : null;
    }

    private static double[] Bounds(Instrument instrument) =>
        instrument is Histogram<double> { Advice.HistogramBucketBoundaries: { Count: > 0 } advised } ? [.. advised] : DefaultBounds;

    private static bool IsSet(Instrument instrument) => TypeOf(instrument) == typeof(Gauge<>);

    private static MetricKind KindOf(Instrument instrument)
    {
        var type = TypeOf(instrument);
        return type == typeof(Histogram<>) ? MetricKind.Histogram
            : type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? MetricKind.Counter
            : MetricKind.Gauge;
    }

    private static Type? TypeOf(Instrument instrument) =>
        instrument.GetType() is { IsGenericType: true } type ? type.GetGenericTypeDefinition() : null;
}
