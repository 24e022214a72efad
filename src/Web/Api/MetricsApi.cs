using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Sightline.Search;
using Sightline.Web.Metrics;

namespace Sightline.Web.Api;

/// <summary>What the process measures, for Prometheus.</summary>
internal static class MetricsApi
{
    internal static void Map(WebApplication app)
    {
        // Made now, so that nothing that is measured after the start is missed.
        var page = (MetricsPage)app.Services.GetService(typeof(MetricsPage))!;
        app.MapGet("/metrics", (JobQueue jobs, CancellationToken cancellationToken) => GetAsync(page, jobs, cancellationToken))
            .WithSummary("Metrics in Prometheus's text format.");
    }

    private static async Task<ContentHttpResult> GetAsync(MetricsPage page, JobQueue jobs, CancellationToken cancellationToken)
    {
        try
        {
            await jobs.MeasureAsync(cancellationToken);
        }
        catch (NpgsqlException)
        {
            // Whoever watches wants the other numbers most while the database is away; readyz says that it is.
        }

        return TypedResults.Text(page.Write(), MetricsPage.ContentType);
    }
}
