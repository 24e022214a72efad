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
    // Anyone may send these forms: a key and an address are all that they hold.
    private const int MostBytes = 16 << 10;

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/login", LoginAsync).ForAnyone().ExcludeFromDescription().WithMetadata(new RequestSizeLimitAttribute(MostBytes));
        app.MapPost("/logout", Logout).ForAnyone().ExcludeFromDescription().WithMetadata(new RequestSizeLimitAttribute(MostBytes));
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

        if (attempts.MayFail(http))
        {
            return Results.LocalRedirect($"/login?wrong=true&returnTo={Uri.EscapeDataString(target)}");
        }

        await KeyAccess.TooManyAsync(http, TimeSpan.FromMinutes(1), "Too many wrong keys from this address.");
        return Results.Empty;
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
