using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace Sightline.Web.Access;

/// <summary>Counts wrong keys by address, so that nobody tries many; right keys from there go on working. Thread-safe.</summary>
internal sealed class LoginAttempts(AccessOptions options) : IDisposable
{
    private readonly PartitionedRateLimiter<string> _failures = PartitionedRateLimiter.Create<string, string>(address =>
        RateLimitPartition.GetFixedWindowLimiter(address, _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = options.FailuresPerMinute, Window = TimeSpan.FromMinutes(1),
        }));

    /// <summary>Counts a wrong key; false: this address has tried too many.</summary>
    internal bool MayFail(HttpContext context)
    {
        using var lease = _failures.AttemptAcquire(context.Connection.RemoteIpAddress?.ToString() ?? "");
        return lease.IsAcquired;
    }

    public void Dispose() => _failures.Dispose();
}
