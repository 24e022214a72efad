using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Sightline.Search;

namespace Sightline.Web.Access;

/// <summary>
/// Sessions of the page: a cookie that names a key, sealed with this server's own secret. It ends with the key: whoever revokes one ends
/// its sessions. Scripts cannot read it; other sites' requests do not carry it, links from elsewhere do (SameSite=Lax).
/// </summary>
internal sealed class Sessions(IDataProtectionProvider protection, ApiKeys keys, TimeProvider time)
{
    private const string Cookie = "sightline_session";
    private static readonly TimeSpan Life = TimeSpan.FromDays(30);

    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("sightline.session.v1").ToTimeLimitedDataProtector();

    internal void Begin(HttpContext context, ApiKey key)
    {
        var ends = time.GetUtcNow() + Life;
        context.Response.Cookies.Append(
            Cookie, _protector.Protect($"{key.Id.ToString(CultureInfo.InvariantCulture)} {key.Digest}", ends),
            new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = IsHttps(context.Request), Expires = ends, Path = "/" });
    }

    // A proxy that speaks https for us says so; who says so falsely only gets a stricter cookie.
    private static bool IsHttps(HttpRequest request) => request.IsHttps || request.Headers["X-Forwarded-Proto"] == "https";

    internal static void End(HttpContext context) => context.Response.Cookies.Delete(Cookie);

    internal async Task<ApiKey?> FindAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (context.Request.Cookies[Cookie] is not { Length: > 0 } cookie)
        {
            return null;
        }

        try
        {
            // The number alone would name another key in another database.
            var parts = _protector.Unprotect(cookie).Split(' ');
            return await keys.FindAsync(long.Parse(parts[0], CultureInfo.InvariantCulture), parts[1], cancellationToken);
        }
        catch (CryptographicException)
        {
            // Not ours, tampered with, or past its time: nobody is logged in.
            return null;
        }
    }
}
