using System.Net;
using System.Net.Sockets;

namespace Sightline.Search;

/// <summary>
/// Fetches a picture from an address that a user gave. A server that does so can be made to call its own network, so it calls only
/// public addresses by http and https, checks the address that is really connected (a name may resolve to another at each look), goes
/// through no proxy, sends nothing but the request, and reads no more and no longer than its limits. Thread-safe.
/// </summary>
public sealed class PictureFetcher : IDisposable
{
    private const int MostRedirects = 5;

    // Each may hold its limit of bytes.
    private const int AtOnce = 8;

    private readonly HttpClient _http;
    private readonly FetchOptions _options;
    private readonly SemaphoreSlim _fetching = new(AtOnce);

    public PictureFetcher(FetchOptions options)
    {
        _options = options;
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
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("Sightline/1.0 (picture search)");
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
            throw new FetchException(address, $"it took more than {_options.Timeout.TotalSeconds:F0} s.");
        }
        catch (HttpRequestException e)
        {
            throw new FetchException(address, (e.InnerException as RefusedAddressException ?? (Exception)e).Message);
        }
        catch (IOException e)
        {
            throw new FetchException(address, e.Message);
        }
        finally
        {
            _fetching.Release();
        }
    }

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
            if (response.Headers.Location is { } location && (int)response.StatusCode is >= 300 and < 400)
            {
                if (redirects == MostRedirects)
                {
                    throw new FetchException(address, $"it redirects more than {MostRedirects} times.");
                }

                target = Uri.TryCreate(target, location, out var next)
                    ? Check(address, next.AbsoluteUri)
                    : throw new FetchException(address, "it redirects to no address.");
                continue;
            }

            if (!response.IsSuccessStatusCode)
            {
                throw new FetchException(address, $"the server answered {(int)response.StatusCode}.");
            }

            if (response.Content.Headers.ContentType?.MediaType is { } type
                && !type.StartsWith("image/", StringComparison.OrdinalIgnoreCase) && type is not ("application/octet-stream" or "binary/octet-stream"))
            {
                throw new FetchException(address, $"it is {type}, no picture.");
            }

            return await ReadAsync(address, response, cancellationToken);
        }
    }

    private async Task<byte[]> ReadAsync(string address, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[64 << 10];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            body.Write(buffer, 0, read);
            if (body.Length > _options.MaxBytes)
            {
                throw new FetchException(address, $"it has more than {_options.MaxBytes} bytes.");
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

/// <summary>Limits of fetching for users.</summary>
public sealed record FetchOptions
{
    /// <summary>Most bytes of a body; 32 MiB.</summary>
    public long MaxBytes { get; init; } = 32 << 20;

    /// <summary>From the call to the last byte, redirects included; 15 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The addresses of a host name.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    internal Func<IPAddress, bool> IsAllowed { get; init; } = PublicAddress.IsPublic;
}
