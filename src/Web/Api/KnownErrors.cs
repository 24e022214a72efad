using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Sightline.Curation.Export;
using Sightline.Curation.Import;
using Sightline.Models.Weights;
using Sightline.Search;

namespace Sightline.Web.Api;

/// <summary>Turns what the rooms throw on bad input into problem details; everything else stays an internal error without its
/// trace.</summary>
internal sealed class KnownErrors : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        int? status = exception switch
        {
            BadHttpRequestException e => e.StatusCode,
            ArgumentException or PairSourceException or ExportException => StatusCodes.Status400BadRequest,
            InvalidDataException or FileNotFoundException or DirectoryNotFoundException => StatusCodes.Status409Conflict,
            ImageNotFoundException => StatusCodes.Status404NotFound,
            ModelFormatException => StatusCodes.Status422UnprocessableEntity,
            Npgsql.NpgsqlException => StatusCodes.Status503ServiceUnavailable,
            _ => null,
        };
        if (status is not { } code)
        {
            return false;
        }

        var detail = exception is Npgsql.NpgsqlException ? "The database does not answer." : exception.Message;
        await ToResult(httpContext.Request.Path, detail, code).ExecuteAsync(httpContext);
        return true;
    }

    // OpenAI's clients show error.message.
    internal static IResult ToResult(PathString path, string detail, int code) => path.StartsWithSegments("/v1")
        ? Results.Json(new { error = new { message = detail, type = "invalid_request_error", param = (string?)null, code = (string?)null } }, statusCode: code)
        : Results.Problem(detail, statusCode: code);
}
