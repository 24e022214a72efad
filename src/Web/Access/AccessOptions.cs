namespace Sightline.Web.Access;

/// <summary>Who is let in.</summary>
public sealed record AccessOptions
{
    /// <summary>Every request but the owner's needs a key; required beyond loopback.</summary>
    public bool RequireKeys { get; init; }

    /// <summary>Names by which the server may be called besides loopback's and, with keys, any IP address.</summary>
    public IReadOnlyCollection<string> Hosts { get; init; } = [];

    /// <summary>Proxies before the server, whose word on the client's address and scheme (X-Forwarded-For, X-Forwarded-Proto) is taken.</summary>
    public IReadOnlyCollection<System.Net.IPAddress> Proxies { get; init; } = [];

    /// <summary>Requests a second that one key may make in the long run; five seconds' worth may come at once.</summary>
    public int RequestsPerSecond { get; init; } = 200;

    /// <summary>Wrong keys a minute from one address, after which it is asked to wait.</summary>
    public int FailuresPerMinute { get; init; } = 20;
}
