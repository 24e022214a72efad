using Microsoft.AspNetCore.Http;

namespace Sightline.Web.Access;

/// <summary>Nothing is loaded from elsewhere, no script runs but our own, no other page frames ours.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    // Style attributes carry each picture's aspect ratio; they can hold no script and load nothing.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' blob: data:; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return next(context);
    }
}
