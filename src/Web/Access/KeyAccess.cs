using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Sightline.Search;
using Sightline.Web.Api;

namespace Sightline.Web.Access;

/// <summary>
/// Where keys are required, lets in who has one: as Authorization: Bearer, as X-API-Key, or through the session that logging in with a
/// key gives. Never in an address, which ends up in logs and histories.
/// </summary>
internal sealed class KeyAccess(RequestDelegate next, AccessOptions options, ApiKeys keys, Sessions sessions, LoginAttempts attempts)
    : IDisposable
{
    private const int BurstSeconds = 5;

    private readonly PartitionedRateLimiter<long> _requests = PartitionedRateLimiter.Create<long, long>(key =>
        RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = BurstSeconds * options.RequestsPerSecond,
            TokensPerPeriod = options.RequestsPerSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        }));

    public async Task InvokeAsync(HttpContext context)
    {
        if (!options.RequireKeys || OwnerConnection.Is(context) || RequiredScope.Of(context) is not { } needed)
        {
            await next(context);
            return;
        }

        var secret = SecretOf(context.Request);
        var key = secret is null
            ? await sessions.FindAsync(context, context.RequestAborted)
            : await keys.FindAsync(secret, context.RequestAborted);
        if (key is null)
        {
            await RefuseAsync(context, isWrong: secret is not null);
            return;
        }

        using var lease = _requests.AttemptAcquire(key.Id);
        if (!lease.IsAcquired)
        {
            await TooManyAsync(context, TimeSpan.FromSeconds(1), $"The key {key.Name} may make {options.RequestsPerSecond} requests a second.");
            return;
        }

        if (key.Scope < needed)
        {
            await KnownErrors.ToResult(
                context.Request.Path,
                $"This takes a key with the scope {needed.ToString().ToLowerInvariant()}; {key.Name} has {key.Scope.ToString().ToLowerInvariant()}.",
                StatusCodes.Status403Forbidden).ExecuteAsync(context);
            return;
        }

        await keys.TouchAsync(key, context.RequestAborted);
        await next(context);
    }

    public void Dispose() => _requests.Dispose();

    private static string? SecretOf(HttpRequest request)
    {
        const string Bearer = "Bearer ";
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim()
            : request.Headers["X-API-Key"] is { Count: > 0 } given ? given.ToString()
            : null;
    }

    private async Task RefuseAsync(HttpContext context, bool isWrong)
    {
        if (isWrong && !attempts.MayFail(context))
        {
            await TooManyAsync(context, TimeSpan.FromMinutes(1), "Too many wrong keys from this address.");
            return;
        }

        var request = context.Request;
        if (!isWrong && HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal))
        {
            context.Response.Redirect($"/login?returnTo={Uri.EscapeDataString(request.PathBase + request.Path + request.QueryString)}");
            return;
        }

        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"Sightline\"";
        await KnownErrors.ToResult(
            request.Path,
            isWrong ? "The key is wrong, revoked or expired." : "This server needs a key: Authorization: Bearer sl_..., or a login at /login.",
            StatusCodes.Status401Unauthorized).ExecuteAsync(context);
    }

    internal static Task TooManyAsync(HttpContext context, TimeSpan wait, string detail)
    {
        context.Response.Headers.RetryAfter = wait.TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return KnownErrors.ToResult(context.Request.Path, detail, StatusCodes.Status429TooManyRequests).ExecuteAsync(context);
    }
}
