using Microsoft.AspNetCore.Http;

namespace Sightline.Web.Access;

/// <summary>
/// Keeps other sites out of a server that answers without a key: a page elsewhere can reach loopback, by a name that resolves to it
/// (checked: Host) or by a request it makes from its own origin (checked: Origin and Sec-Fetch-Site, for all but reading). The
/// daemon's Unix socket, which only its owner can open, is not checked.
/// </summary>
internal sealed class LocalAccess(RequestDelegate next)
{
    private static readonly HashSet<string> Hosts = new(StringComparer.OrdinalIgnoreCase) { "localhost", "127.0.0.1", "[::1]" };

    /// <summary>The request came through the daemon's Unix socket.</summary>
    internal static bool IsOwner(HttpContext context) => context.Connection.RemoteIpAddress is null;

    public Task InvokeAsync(HttpContext context)
    {
        var problem = IsOwner(context) ? null : Problem(context.Request);
        return problem is null
            ? next(context)
            : Results.Problem(problem, statusCode: StatusCodes.Status403Forbidden).ExecuteAsync(context);
    }

    private static string? Problem(HttpRequest request)
    {
        if (!Hosts.Contains(request.Host.Host))
        {
            return $"This server answers to localhost, not to {request.Host.Host}.";
        }

        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        {
            return null;
        }

        var origin = request.Headers.Origin.ToString();
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        return (origin.Length > 0 && origin != $"{request.Scheme}://{request.Host}") || site is "cross-site" or "same-site"
            ? "Requests from other sites are refused."
            : null;
    }
}
