using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Sightline.Models.Images;
using Sightline.Search;
using Sightline.Indexer.Tests.Measure;

namespace Sightline.Indexer.Tests.Download;

/// <summary>A server on loopback that answers by the path, as good and bad servers do. It stands for the internet: 127.0.0.1 is public to
/// <see cref="Fetch"/>, and nothing else is.</summary>
internal sealed class PictureServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, int> _requests = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _active;

    internal PictureServer()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    internal static byte[] Jpeg { get; } = ImageEncoder.EncodeJpeg(DatasetFixture.Noise(60, 40, 1));

    internal static byte[] Png { get; } = ImageEncoder.EncodePng(DatasetFixture.Noise(30, 50, 2));

    internal int Port { get; }

    internal int MostActive { get; private set; }

    internal FetchOptions Fetch => new()
    {
        Resolve = (name, _) => Task.FromResult<IPAddress[]>([IPAddress.TryParse(name, out var address) ? address : IPAddress.Loopback]),
        IsAllowed = address => address.Equals(IPAddress.Loopback),
    };

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    internal string Url(string path, string host = "photos.example") => $"http://{host}:{Port}{path}";

    internal int Requests(string path) => _requests.GetValueOrDefault(path);

    internal void OpenGate() => _gate.TrySetResult();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                var stream = client.GetStream();
                var reader = new StreamReader(stream);
                var path = (await reader.ReadLineAsync(_stop.Token))!.Split(' ')[1];
                while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 })
                {
                    // Headers of the request say nothing here.
                }

                var number = _requests.AddOrUpdate(path, 1, (_, n) => n + 1);
                lock (_listener)
                {
                    MostActive = Math.Max(MostActive, ++_active);
                }

                await AnswerAsync(stream, path, number);
                lock (_listener)
                {
                    _active--;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The client has had enough, or the test is over.
        }
    }

    private async Task AnswerAsync(NetworkStream stream, string path, int number)
    {
        var (status, headers, body) = path.Split('?')[0] switch
        {
            "/png" => ("200 OK", "Content-Type: image/png", Png),
            "/missing" => ("404 Not Found", "Content-Type: text/plain", []),
            "/flaky" when number < 3 => ("503 Busy", "Content-Type: text/plain", []),
            "/limited" when number < 2 => ("429 Slow down", "Retry-After: 0", []),
            "/broken" => ("500 Oops", "Content-Type: text/plain", []),
            "/noai" => ("200 OK", "Content-Type: image/jpeg\r\nX-Robots-Tag: all\r\nX-Robots-Tag: max-snippet:20, NoAI", Jpeg),
            "/noai-us" => ("200 OK", "Content-Type: image/jpeg\r\nX-Robots-Tag: sightline: noimageindex", Jpeg),
            "/noai-them" => ("200 OK", "Content-Type: image/jpeg\r\nX-Robots-Tag: otherbot: noai, noindex", Jpeg),
            "/to-private" => ("302 Found", $"Location: http://127.0.0.3:{Port}/secret", []),
            "/moved" => ("301 Moved", "Location: /final", []),
            "/round" => ("302 Found", "Location: /round", []),
            "/garbage" => ("200 OK", "Content-Type: image/jpeg", "this is no picture"u8.ToArray()),
            "/page" => ("200 OK", "Content-Type: text/html", "<html>"u8.ToArray()),
            "/large" => ("200 OK", "Content-Type: image/jpeg\r\nX-Large: 1", new byte[200_000]),
            "/slow" => ("200 OK", "Content-Type: image/jpeg\r\nContent-Length: 1000", []),
            "/secret" => throw new InvalidOperationException("A private address was called."),
            _ => ("200 OK", "Content-Type: image/jpeg", Jpeg),
        };
        if (path.StartsWith("/gated", StringComparison.Ordinal))
        {
            await _gate.Task.WaitAsync(_stop.Token);
        }

        var length = path == "/slow" ? "" : $"Content-Length: {body.Length}\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\n{headers}\r\n{length}Connection: close\r\n\r\n"), _stop.Token);
        await stream.WriteAsync(body, _stop.Token);
        while (path == "/slow")
        {
            await stream.WriteAsync(new byte[1], _stop.Token);
            await Task.Delay(50, _stop.Token);
        }
    }
}
