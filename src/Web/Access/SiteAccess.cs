using System.Net;
using Microsoft.AspNetCore.Http;

namespace Sightline.Web.Access;

/// <summary>
/// Keeps other sites out: a page elsewhere can reach this server from its reader's browser, by a name that resolves here (checked: Host)
/// or by a request from its own origin (checked: Origin and Sec-Fetch-Site, for all but reading). The daemon's Unix socket, which only
/// its owner can open, is not checked.
/// </summary>
internal sealed class SiteAccess(RequestDelegate next, AccessOptions options)
{
    private readonly HashSet<string> _hosts = new(["localhost", "127.0.0.1", "[::1]", .. options.Hosts], StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        var problem = OwnerConnection.Is(context) ? null : Problem(context.Request);
        return problem is null
            ? next(context)
            : Results.Problem(problem, statusCode: StatusCodes.Status403Forbidden).ExecuteAsync(context);
    }

    private string? Problem(HttpRequest request)
    {
        // An address cannot be made to resolve elsewhere; without keys only loopback is listened on anyhow.
        if (!_hosts.Contains(request.Host.Host) && !(options.RequireKeys && IPAddress.TryParse(request.Host.Host.Trim('[', ']'), out _)))
        {
            return $"This server does not answer to {request.Host.Host}; start it with --host {request.Host.Host} if it should.";
        }

        var origin = request.Headers.Origin.ToString();
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        {
            // Links from elsewhere lead here; pictures and scripts of elsewhere do not load from here.
            return site == "cross-site" && request.Headers["Sec-Fetch-Mode"] != "navigate" ? "Requests from other sites are refused." : null;
        }

        return (origin.Length > 0 && !IsOurs(origin, request)) || site is "cross-site" or "same-site"
            ? "Requests from other sites are refused."
            : null;
    }

    // Behind a proxy that speaks https the scheme differs; host and port do not.
    private static bool IsOurs(string origin, HttpRequest request) => Uri.TryCreate(origin, UriKind.Absolute, out var from)
        && (from.Authority == request.Host.Value || origin == $"{request.Scheme}://{request.Host}");
}
