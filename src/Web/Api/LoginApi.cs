using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Sightline.Search;
using Sightline.Web.Access;

namespace Sightline.Web.Api;

/// <summary>Sessions of the page; the form carries an antiforgery token.</summary>
internal static class LoginApi
{
    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/login", LoginAsync).ForAnyone().ExcludeFromDescription();
        app.MapPost("/logout", Logout).ForAnyone().ExcludeFromDescription();
    }

    private static async Task<IResult> LoginAsync(
        [FromForm] string? key, [FromForm] string? returnTo, HttpContext http, ApiKeys keys, Sessions sessions, LoginAttempts attempts,
        CancellationToken cancellationToken)
    {
        var target = IsOurs(returnTo) ? returnTo! : "/";
        if (await keys.FindAsync(key?.Trim() ?? "", cancellationToken) is { } found)
        {
            sessions.Begin(http, found);
            return Results.LocalRedirect(target);
        }

        return attempts.MayFail(http)
            ? Results.LocalRedirect($"/login?wrong=true&returnTo={Uri.EscapeDataString(target)}")
            : Results.Problem("Too many wrong keys from this address; wait a minute.", statusCode: StatusCodes.Status429TooManyRequests);
    }

    private static IResult Logout(HttpContext http, [FromForm] string? bye)
    {
        Sessions.End(http);
        return Results.LocalRedirect("/login");
    }

    // A path of this server: neither another host (//host, /\host) nor a scheme.
    private static bool IsOurs(string? path) =>
        path is { Length: > 0 } && path[0] == '/' && (path.Length == 1 || path[1] is not ('/' or '\\')) && !path.Any(char.IsControl);
}
