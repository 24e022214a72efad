using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Sightline.Web.Metrics;

/// <summary>Names a request's span by its route, as OpenTelemetry's conventions for HTTP servers say; ASP.NET Core leaves that to others.</summary>
internal static class RequestSpan
{
    internal static Task NameAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } span
            && context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } route })
        {
            span.DisplayName = $"{context.Request.Method} /{route.TrimStart('/')}";
            span.SetTag("http.route", "/" + route.TrimStart('/'));
        }

        return next(context);
    }
}
