using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sightline.Search;
using Sightline.Web.Metrics;

namespace Sightline.Web.Api;

/// <summary>What the process measures, for Prometheus.</summary>
internal static partial class MetricsApi
{
    internal static void Map(WebApplication app)
    {
        // Made now, so that nothing that is measured after the start is missed.
        var page = (MetricsPage)app.Services.GetService(typeof(MetricsPage))!;
        app.MapGet("/metrics", (JobQueue jobs, ILogger<MetricsPage> logger, CancellationToken cancellationToken) =>
                GetAsync(page, jobs, logger, cancellationToken))
            .WithSummary("Metrics in Prometheus's text format.");
    }

    [LoggerMessage(EventId = 4001, Level = LogLevel.Warning, Message = "Jobs were not counted for the metrics")]
    private static partial void JobsNotCounted(ILogger logger, Exception exception);

    private static async Task<ContentHttpResult> GetAsync(
        MetricsPage page, JobQueue jobs, ILogger<MetricsPage> logger, CancellationToken cancellationToken)
    {
        try
        {
            await jobs.MeasureAsync(cancellationToken);
        }
        catch (NpgsqlException e)
        {
            // Whoever watches wants the other numbers most while the database is away; readyz says that it is.
            JobsNotCounted(logger, e);
        }

        return TypedResults.Text(page.Write(), MetricsPage.ContentType);
    }
}
