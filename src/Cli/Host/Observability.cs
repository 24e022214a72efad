using System.Diagnostics;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Sightline.Web.Metrics;

namespace Sightline.Cli.Host;

/// <summary>What a process tells whoever watches it: log lines on its error stream, and metrics and spans over OTLP.</summary>
internal static class Observability
{
    // OpenTelemetry's own variable; the exporter reads it and its siblings (protocol, headers, per-signal addresses) itself.
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>One line an event, for people or as JSON; standard output belongs to the commands' answers.</summary>
    internal static ILoggingBuilder AddLines(this ILoggingBuilder logging, CommonOptions options)
    {
        logging.ClearProviders().SetMinimumLevel(options.Verbose ? LogLevel.Information : LogLevel.Warning);
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);

        // Requests are told by path, since the query may hold a key; unexpected errors are told by their handler.
        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Error);
        logging.AddFilter("Microsoft.AspNetCore.HttpLogging", options.Verbose ? LogLevel.Information : LogLevel.None);
        return options.LogFormat == LogFormat.Json
            ? logging.AddJsonConsole(console =>
            {
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            })
            : logging.AddSimpleConsole(console => console.SingleLine = true);
    }

    /// <summary>Exports while the returned object lives; null where OTEL_EXPORTER_OTLP_ENDPOINT names no collector.</summary>
    internal static IDisposable? Export()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Endpoint)))
        {
            return null;
        }

        var resource = ResourceBuilder.CreateDefault().AddService("sightline").AddEnvironmentVariableDetector();
        var traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource([.. TelemetryNames.Sources])
            .SetSampler(new ParentBasedSampler(new WorkSampler())).AddOtlpExporter().Build();
        var metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter([.. TelemetryNames.Meters]).AddOtlpExporter().Build();
        return new Providers(traces, metrics);
    }

    // A call of the database that belongs to no request and no job is a poll, of which there are several a second.
    private sealed class WorkSampler : Sampler
    {
        public override SamplingResult ShouldSample(in SamplingParameters parameters) =>
            new(parameters.Kind == ActivityKind.Client ? SamplingDecision.Drop : SamplingDecision.RecordAndSample);
    }

    // Disposing sends what is left.
    private sealed class Providers(TracerProvider traces, MeterProvider metrics) : IDisposable
    {
        public void Dispose()
        {
            traces.Dispose();
            metrics.Dispose();
        }
    }
}
