using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Sightline.Search;
using Sightline.Web.Access;
using Sightline.Web.Api;

namespace Sightline.Cli.Host;

/// <summary>
/// A command's way to the daemon: over its Unix socket where one runs, otherwise over the same socket of a daemon that this process is
/// for as long as the command lasts. Commands are written once, against the HTTP API.
/// </summary>
internal sealed class Session : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private readonly (DaemonLock Lock, Daemon Daemon)? _own;
    private readonly HttpClient _http;
    private readonly HttpResponseMessage? _attachment;

    private Session((DaemonLock, Daemon)? own, HttpClient http, HttpResponseMessage? attachment)
    {
        _own = own;
        _http = http;
        _attachment = attachment;
    }

    /// <summary>Becomes the daemon or attaches to it; of two that start at once, one waits for the other.</summary>
    internal static async Task<Session> OpenAsync(CommonOptions options, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        while (true)
        {
            if (DaemonLock.TryTake(options.Data) is { } held)
            {
                return new Session((held, await StartAsync(held, options, cancellationToken)), Connect(options.Data), null);
            }

            try
            {
                if (await TryAttachAsync(options, limit.Token) is { } session)
                {
                    return session;
                }

                await Task.Delay(Poll, limit.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new CommandException(
                    $"Another process holds {options.Data.LockFile} but does not answer at {options.Data.ApiSocket}.");
            }
        }
    }

    internal Task<T> GetAsync<T>(string path, CancellationToken cancellationToken) =>
        SendAsync<T>(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);

    /// <summary>Reads a JSON array element by element, as it comes.</summary>
    internal async IAsyncEnumerable<T> StreamAsync<T>(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new CommandException(await ProblemAsync(response, cancellationToken));
        }

        await foreach (var item in response.Content.ReadFromJsonAsAsyncEnumerable<T>(ApiJson.Options, cancellationToken))
        {
            yield return item!;
        }
    }

    internal Task<T> PostAsync<T>(string path, object body, CancellationToken cancellationToken) =>
        SendAsync<T>(new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, options: ApiJson.Options) },
            cancellationToken);

    internal Task PutAsync(string path, object body, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Put, path) { Content = JsonContent.Create(body, options: ApiJson.Options) }, cancellationToken);

    internal Task DeleteAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Delete, path), cancellationToken);

    internal Task<T> PostFileAsync<T>(string path, byte[] file, CancellationToken cancellationToken) =>
        SendAsync<T>(new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(file) }, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _attachment?.Dispose();
        _http.Dispose();
        if (_own is { } own)
        {
            await own.Daemon.WhenAloneAsync(CancellationToken.None);
            await own.Daemon.DisposeAsync();
            own.Lock.Dispose();
        }
    }

    /// <summary>Over the daemon's socket; also what <c>serve</c> uses to talk to itself.</summary>
    internal static HttpClient Connect(DataFolder data) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, token) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(data.ApiSocket), token);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    {
        BaseAddress = new Uri("http://localhost"),
        Timeout = Timeout.InfiniteTimeSpan,
    };

    internal static Session Around(DataFolder data) => new(null, Connect(data), null);

    private static async Task<Daemon> StartAsync(DaemonLock held, CommonOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await Daemon.StartAsync(options, null, new AccessOptions(), cancellationToken);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private static async Task<Session?> TryAttachAsync(CommonOptions options, CancellationToken cancellationToken)
    {
        var http = Connect(options.Data);
        try
        {
            var attachment = await http.GetAsync(AttachedClients.Path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var session = new Session(null, http, attachment);
            await session.CheckModelAsync(options, cancellationToken);
            return session;
        }
        catch (HttpRequestException)
        {
            http.Dispose();
            return null;
        }
    }

    // A daemon serves one model; an answer from another than was asked for would be wrong without a sign.
    private async Task CheckModelAsync(CommonOptions options, CancellationToken cancellationToken)
    {
        if (options.Model is null)
        {
            return;
        }

        var asked = Path.GetFileName(options.Models.Resolve(options.Model));
        var served = (await GetAsync<StatusResponse>("/api/status", cancellationToken)).Model;
        if (asked != served && Path.GetFileNameWithoutExtension(asked) != served)
        {
            throw new CommandException(
                $"The server that runs on {options.Data.Root} uses the model {served}, not {asked}; stop it first, or leave --model out.");
        }
    }

    private async Task<T> SendAsync<T>(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw new CommandException(await ProblemAsync(response, cancellationToken));
            }

            return (await response.Content.ReadFromJsonAsync<T>(ApiJson.Options, cancellationToken))!;
        }
    }

    private async Task SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw new CommandException(await ProblemAsync(response, cancellationToken));
            }
        }
    }

    private static async Task<string> ProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var problem = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
            return (problem.TryGetProperty("detail", out var detail)
                    || (problem.TryGetProperty("error", out var error) && error.TryGetProperty("message", out detail)))
                && detail.GetString() is { } text ? text : $"The server answered {(int)response.StatusCode}.";
        }
        catch (JsonException)
        {
            return $"The server answered {(int)response.StatusCode}.";
        }
    }
}
