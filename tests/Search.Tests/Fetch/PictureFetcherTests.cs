using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sightline.Search.Tests;

/// <summary>Attempts to make the server call what it must not, against real sockets.</summary>
public sealed class PictureFetcherTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<string> _requests = [];
    private readonly Task _serving;
    private readonly int _port;

    public PictureFetcherTests()
    {
        _listener.Start();
        _port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _serving = ServeAsync();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("198.51.100.7", false)]
    [InlineData("8.8.8.8", true)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("::127.0.0.1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("64:ff9b::808:808", true)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("2002:808:808::", false)]
    [InlineData("::ffff:0:808:808", false)]
    [InlineData("2001:0:1::", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd12::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("2606:4700::1111", true)]
    public void Only_public_addresses_are_called(string address, bool isPublic) =>
        Assert.Equal(isPublic, PublicAddress.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("http://127.0.0.1:{0}/")]
    [InlineData("http://localhost:{0}/")]
    [InlineData("http://[::1]:{0}/")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/")]
    [InlineData("http://2130706433:{0}/")]
    [InlineData("http://0x7f.1:{0}/")]
    [InlineData("http://0177.0.0.1:{0}/")]
    [InlineData("http://127.1:{0}/")]
    [InlineData("http://user:pass@127.0.0.1:{0}/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://127.0.0.1:{0}/")]
    [InlineData("gopher://127.0.0.1:{0}/")]
    [InlineData("//127.0.0.1:{0}/")]
    [InlineData("data:image/png;base64,AAAA")]
    [InlineData("")]
    public async Task Addresses_of_this_machine_and_other_schemes_are_never_called(string address)
    {
        using var fetcher = new PictureFetcher(new FetchOptions());
        var given = string.Format(System.Globalization.CultureInfo.InvariantCulture, address, _port);

        var refused = await Assert.ThrowsAsync<FetchException>(() => fetcher.FetchAsync(given, default));

        Assert.StartsWith(given, refused.Message, StringComparison.Ordinal);
        Assert.Empty(_requests);
    }

    [Fact]
    public async Task A_public_server_gives_its_picture()
    {
        using var fetcher = Open();

        Assert.Equal("picture"u8.ToArray(), await fetcher.FetchAsync($"http://photos.example:{_port}/picture", default));
        Assert.Contains("User-Agent: Sightline", _requests[0], StringComparison.Ordinal);
        Assert.DoesNotContain("Cookie", _requests[0], StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("/to-loopback", "no public address")]
    [InlineData("/to-metadata", "no public address")]
    [InlineData("/to-file", "only http")]
    [InlineData("/to-nonsense", "redirects to no address")]
    [InlineData("/round", "redirects more than 5")]
    [InlineData("/page", "text/html")]
    [InlineData("/missing", "404")]
    [InlineData("/endless", "more than 1000 bytes")]
    [InlineData("/silent", "took more than")]
    [InlineData("/trickle", "took more than")]
    public async Task What_a_hostile_server_answers_is_refused_with_its_reason(string path, string reason)
    {
        using var fetcher = Open();

        var refused = await Assert.ThrowsAsync<FetchException>(() => fetcher.FetchAsync($"http://photos.example:{_port}{path}", default));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_resolves_to_another_address_the_second_time_is_checked_at_each_connection()
    {
        var looks = 0;
        using var fetcher = Open(_ => looks++ == 0 ? [IPAddress.Parse("127.0.0.2")] : [IPAddress.Loopback]);

        var refused = await Assert.ThrowsAsync<FetchException>(() => fetcher.FetchAsync($"http://photos.example:{_port}/to-itself", default));

        Assert.Contains("no public address", refused.Message, StringComparison.Ordinal);
        Assert.Single(_requests);
    }

    // Stands for the internet: 127.0.0.2 is public here, 127.0.0.1 is not.
    private static PictureFetcher Open(Func<string, IPAddress[]>? resolve = null) => new(new FetchOptions
    {
        MaxBytes = 1000,
        Timeout = TimeSpan.FromSeconds(1),
        Resolve = (name, _) => Task.FromResult(resolve?.Invoke(name) ?? (name == "photos.example" ? [IPAddress.Parse("127.0.0.2")] : [IPAddress.Parse(name)])),
        IsAllowed = address => address.Equals(IPAddress.Parse("127.0.0.2")) || PublicAddress.IsPublic(address),
    });

    private async Task ServeAsync()
    {
        using var wide = new TcpListener(IPAddress.Parse("127.0.0.2"), _port);
        wide.Start();
        try
        {
            await Task.WhenAll(AcceptAsync(_listener), AcceptAsync(wide));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        var answering = new List<Task>();
        while (true)
        {
            answering.Add(AnswerAsync(await listener.AcceptTcpClientAsync(_stop.Token)));
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            var stream = client.GetStream();
            var reader = new StreamReader(stream);
            var request = new StringBuilder();
            while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line)
            {
                request.AppendLine(line);
            }

            _requests.Add(request.ToString());
            var path = request.ToString().Split(' ')[1];
            var answer = path switch
            {
                "/picture" => "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nSet-Cookie: a=b\r\nContent-Length: 7\r\n\r\npicture",
                "/to-loopback" => $"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{_port}/picture\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                "/to-metadata" => "HTTP/1.1 301 Moved\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                "/to-file" => "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                "/to-nonsense" => "HTTP/1.1 302 Found\r\nLocation: //a:99999/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                "/to-itself" => "HTTP/1.1 302 Found\r\nLocation: /picture\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                "/round" => "HTTP/1.1 302 Found\r\nLocation: /round\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                "/page" => "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi",
                "/missing" => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
                "/endless" or "/trickle" => "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nConnection: close\r\n\r\n",
                _ => "",
            };
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), _stop.Token);
            var block = new byte[path == "/endless" ? 4096 : 1];
            try
            {
                while (path is "/endless" or "/trickle")
                {
                    await stream.WriteAsync(block, _stop.Token);
                    await Task.Delay(path == "/trickle" ? 50 : 0, _stop.Token);
                }

                if (path == "/silent")
                {
                    await Task.Delay(Timeout.Infinite, _stop.Token);
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The client has had enough.
            }
        }
    }
}
