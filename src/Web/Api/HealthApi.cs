using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Sightline.Search;
using Sightline.Web.Access;

namespace Sightline.Web.Api;

/// <summary>For whoever watches the process: healthz, it is alive; readyz, it can answer queries.</summary>
internal static class HealthApi
{
    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz", () => TypedResults.Text("alive")).WithSummary("The process is alive.").ForAnyone();
        app.MapGet("/readyz", ReadyAsync).WithSummary("The database answers and the index is loaded.");
    }

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> ReadyAsync(
        NpgsqlDataSource database, SearchEngine engine, CancellationToken cancellationToken)
    {
        try
        {
            await using var ping = database.CreateCommand("select 1");
            await ping.ExecuteScalarAsync(cancellationToken);
        }
        catch (NpgsqlException)
        {
            return NotReady("The database does not answer.");
        }

        return engine.IsLoaded ? TypedResults.Text("ready") : NotReady("The index is being loaded.");
    }

    private static ProblemHttpResult NotReady(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status503ServiceUnavailable);
}
