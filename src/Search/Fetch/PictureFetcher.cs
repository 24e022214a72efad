using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sightline.Search;

/// <summary>
/// Fetches a picture from an address that a user or a dataset gave. A server that does so can be made to call its own network, so it calls only
/// public addresses by http and https, checks the address that is really connected (a name may resolve to another at each look), goes
/// through no proxy, sends nothing but the request, and reads no more and no longer than its limits. Thread-safe.
/// </summary>
public sealed class PictureFetcher : IDisposable
{
    private readonly HttpClient _http;
    private readonly FetchOptions _options;
    private readonly SemaphoreSlim _fetching;

    public PictureFetcher(FetchOptions options)
    {
        _options = options;
        _fetching = new SemaphoreSlim(options.AtOnce);
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = options.Timeout,
            MaxResponseHeadersLength = 64,
            ConnectCallback = ConnectAsync,
        })
        {
            // The limit of time covers redirects and the body, which this one does not.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd($"{FetchOptions.Robot}/1.0 ({options.Purpose})");
        _http.DefaultRequestHeaders.Accept.ParseAdd("image/*");
    }

    /// <summary>The body at an address, at most <see cref="FetchOptions.MaxBytes"/>.</summary>
    /// <exception cref="FetchException">It was not fetched; names the address and the cause.</exception>
    public async Task<byte[]> FetchAsync(string address, CancellationToken cancellationToken)
    {
        await _fetching.WaitAsync(cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.Timeout);
        try
        {
            return await FollowAsync(address, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new FetchException(address, $"it took more than {_options.Timeout.TotalSeconds:F0} s.") { Reason = "timeout", IsTransient = true };
        }
        catch (UriFormatException e)
        {
            throw new FetchException(address, e.Message);
        }
        catch (HttpRequestException e)
        {
            throw e.InnerException is RefusedAddressException refused
                ? new FetchException(address, refused.Message) { Reason = "private_address" }
                : e.InnerException is SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData }
                    ? new FetchException(address, e.Message) { Reason = "unknown_host" }
                    : Connection(address, e);
        }
        catch (IOException e)
        {
            throw Connection(address, e);
        }
        finally
        {
            _fetching.Release();
        }
    }

    private static FetchException Connection(string address, Exception e) => new(address, e.Message) { Reason = "connection", IsTransient = true };

    public void Dispose()
    {
        _http.Dispose();
        _fetching.Dispose();
    }

    private async Task<byte[]> FollowAsync(string address, CancellationToken cancellationToken)
    {
        var target = Check(address, address);
        for (var redirects = 0; ; redirects++)
        {
            using var response = await _http.GetAsync(target, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            CheckRobots(address, response);
            if (response.Headers.Location is { } location && (int)response.StatusCode is >= 300 and < 400)
            {
                if (redirects == _options.MaxRedirects)
                {
                    throw new FetchException(address, $"it redirects more than {_options.MaxRedirects} times.") { Reason = "redirects" };
                }

                target = Uri.TryCreate(target, location, out var next)
                    ? Check(address, next.AbsoluteUri)
                    : throw new FetchException(address, "it redirects to no address.") { Reason = "redirects" };
                continue;
            }

            if (!response.IsSuccessStatusCode)
            {
                throw Refusal(address, response);
            }

            if (response.Content.Headers.ContentType?.MediaType is { } type
                && !type.StartsWith("image/", StringComparison.OrdinalIgnoreCase) && type is not ("application/octet-stream" or "binary/octet-stream"))
            {
                throw new FetchException(address, $"it is {type}, no picture.") { Reason = "not_a_picture" };
            }

            return await ReadAsync(address, response, cancellationToken);
        }
    }

    private void CheckRobots(string address, HttpResponseMessage response)
    {
        if (_options.RefusedDirectives.Count == 0 || !response.Headers.TryGetValues("X-Robots-Tag", out var values))
        {
            return;
        }

        foreach (var value in values)
        {
            if (RobotsTag.Find(value, FetchOptions.Robot, _options.RefusedDirectives) is { } directive)
            {
                throw new FetchException(address, $"the server forbids it by X-Robots-Tag: {directive}.") { Reason = "opted_out" };
            }
        }
    }

    private static FetchException Refusal(string address, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        return new FetchException(address, $"the server answered {status}.")
        {
            Reason = string.Create(CultureInfo.InvariantCulture, $"http_{status}"),
            IsTransient = status is 408 or 425 or 429 or 500 or 502 or 503 or 504,
            RetryAfter = response.Headers.RetryAfter?.Delta,
        };
    }

    private async Task<byte[]> ReadAsync(string address, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (response.Content.Headers.ContentLength > _options.MaxBytes)
        {
            throw new FetchException(address, $"it has more than {_options.MaxBytes} bytes.") { Reason = "too_large" };
        }

        var buffer = new byte[64 << 10];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            body.Write(buffer, 0, read);
            if (body.Length > _options.MaxBytes)
            {
                throw new FetchException(address, $"it has more than {_options.MaxBytes} bytes.") { Reason = "too_large" };
            }
        }

        return body.ToArray();
    }

    private static Uri Check(string given, string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var target) || target.Scheme is not ("http" or "https"))
        {
            throw new FetchException(given, "only http and https addresses are fetched.");
        }

        return target.UserInfo.Length == 0 ? target : throw new FetchException(given, "an address with a user name is not fetched.");
    }

    // The name is resolved here and the connection made to what was checked: nothing resolves it a second time.
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = await _options.Resolve(context.DnsEndPoint.Host, cancellationToken);
        var allowed = addresses.Where(_options.IsAllowed).ToArray();
        if (allowed.Length == 0)
        {
            throw new RefusedAddressException(addresses.Length == 0
                ? $"{context.DnsEndPoint.Host} has no address."
                : $"{context.DnsEndPoint.Host} has no public address.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class RefusedAddressException(string message) : IOException(message);
}

/// <summary>Limits of fetching for users and datasets.</summary>
public sealed record FetchOptions
{
    /// <summary>Names the program to servers, also in X-Robots-Tag.</summary>
    public const string Robot = "Sightline";

    /// <summary>What servers are told besides the name.</summary>
    public string Purpose { get; init; } = "picture search";

    /// <summary>Fetches under way at the same time, each of which may hold <see cref="MaxBytes"/>; 8.</summary>
    public int AtOnce { get; init; } = 8;

    /// <summary>5.</summary>
    public int MaxRedirects { get; init; } = 5;

    /// <summary>Directives of X-Robots-Tag, in lower case, that forbid the fetch; none, since a user who names a picture is no robot.</summary>
    public IReadOnlyCollection<string> RefusedDirectives { get; init; } = [];

    /// <summary>Most bytes of a body; 32 MiB.</summary>
    public long MaxBytes { get; init; } = 32 << 20;

    /// <summary>From the call to the last byte, redirects included; 15 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The addresses of a host name.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    internal Func<IPAddress, bool> IsAllowed { get; init; } = PublicAddress.IsPublic;
}
