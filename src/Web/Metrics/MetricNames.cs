using System.Diagnostics.Metrics;

namespace Sightline.Web.Metrics;

/// <summary>OpenTelemetry's names as Prometheus writes them: opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics.</summary>
internal static class MetricNames
{
    /// <summary>The name on the page: unit and, for a counter, <c>total</c> at its end.</summary>
    internal static string Of(Instrument instrument, MetricKind kind)
    {
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            _ => "",
        };
        var name = Clean(instrument.Name);
        return (name.EndsWith(unit, StringComparison.Ordinal) ? name : name + unit) + (kind == MetricKind.Counter ? "_total" : "");
    }

    /// <summary>Only what a name may hold.</summary>
    internal static string Clean(string name)
    {
        var clean = string.Create(name.Length, name, static (span, from) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsAsciiLetterOrDigit(from[i]) ? from[i] : '_';
            }
        });
        return clean.Length == 0 || char.IsAsciiDigit(clean[0]) ? "_" + clean : clean;
    }
}
