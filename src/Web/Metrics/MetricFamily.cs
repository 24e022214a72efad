using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Sightline.Web.Metrics;

internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>All series of one name on the page. Thread-safe.</summary>
internal sealed class MetricFamily(string name, string help, MetricKind kind, double[] bounds)
{
    // Labels come from routes and outcomes, which are few; this keeps a mistake from filling the memory.
    private const int MostSeries = 2000;

    private readonly ConcurrentDictionary<string, MetricSeries> _series = new(StringComparer.Ordinal);
    private readonly Lock _opening = new();
    private volatile MetricSeries? _bare;

    internal MetricKind Kind { get; } = kind;

    /// <summary>The series of these labels.</summary>
    internal MetricSeries Series(ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        tags.IsEmpty ? _bare ??= Open("") : Open(Labels(tags));

    /// <summary>Forgets every series: observed ones are told anew on each page.</summary>
    internal void Clear()
    {
        _series.Clear();
        _bare = null;
    }

    internal void Write(StringBuilder page)
    {
        if (_series.IsEmpty)
        {
            return;
        }

        page.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", @"\\").Replace("\n", @"\n")).Append('\n');
        page.Append("# TYPE ").Append(name).Append(' ').Append(Kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Gauge => "gauge",
            _ => "histogram",
        }).Append('\n');
        foreach (var (labels, series) in _series.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            if (Kind == MetricKind.Histogram)
            {
                WriteHistogram(page, labels, series);
            }
            else
            {
                WriteSample(page, name, labels, series.Value);
            }
        }
    }

    private void WriteHistogram(StringBuilder page, string labels, MetricSeries series)
    {
        var (counts, sum) = series.Read();
        var before = labels.Length == 0 ? "" : labels + ",";
        long total = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            total += counts[i];
            WriteSample(page, name + "_bucket", $"{before}le=\"{(i < bounds.Length ? Number(bounds[i]) : "+Inf")}\"", total);
        }

        WriteSample(page, name + "_sum", labels, sum);
        WriteSample(page, name + "_count", labels, total);
    }

    private static void WriteSample(StringBuilder page, string name, string labels, double value)
    {
        page.Append(name);
        if (labels.Length > 0)
        {
            page.Append('{').Append(labels).Append('}');
        }

        page.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private MetricSeries Open(string labels)
    {
        if (_series.TryGetValue(labels, out var known))
        {
            return known;
        }

        lock (_opening)
        {
            return _series.GetOrAdd(
                _series.Count < MostSeries ? labels : "otel_metric_overflow=\"true\"", _ => new MetricSeries(bounds));
        }
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in tags)
        {
            labels[MetricNames.Clean(key)] = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        }

        return string.Join(',', labels.Select(l =>
            $"{l.Key}=\"{l.Value.Replace("\\", @"\\").Replace("\"", "\\\"").Replace("\n", @"\n")}\""));
    }
}

/// <summary>One line of numbers. Thread-safe.</summary>
internal sealed class MetricSeries(double[] bounds)
{
    private readonly Lock _gate = new();
    private readonly long[] _counts = new long[bounds.Length + 1];
    private double _value;

    internal double Value
    {
        get
        {
            lock (_gate)
            {
                return _value;
            }
        }
    }

    internal void Set(double value)
    {
        lock (_gate)
        {
            _value = value;
        }
    }

    internal void Add(double value)
    {
        lock (_gate)
        {
            _value += value;
        }
    }

    internal void Observe(double value)
    {
        var bucket = 0;
        while (bucket < bounds.Length && value > bounds[bucket])
        {
            bucket++;
        }

        lock (_gate)
        {
            _counts[bucket]++;
            _value += value;
        }
    }

    /// <summary>Observations by bucket, not yet summed up, and the sum of what was observed, at one moment.</summary>
    internal (long[] Counts, double Sum) Read()
    {
        lock (_gate)
        {
            return ([.. _counts], _value);
        }
    }
}
