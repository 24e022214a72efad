using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Sightline.Bench;

/// <summary>
/// Many clients at once against a server that runs: each asks, reads the whole answer and asks again. Searches with words that nobody has
/// asked for before, result pages, thumbnails, more-like-this and filtered searches take turns.
/// </summary>
/// <param name="server">Its address.</param>
/// <param name="key">An API key; null: the server asks for none.</param>
/// <param name="clients">Requests under way at once.</param>
/// <param name="duration">How long; memory is compared between the second and the last tenth of it.</param>
public sealed class ServeBench(Uri server, string? key, int clients, TimeSpan duration)
{
    private static readonly string[] Words =
        ["dog", "beach", "red", "house", "child", "water", "two", "mountain", "running", "night", "small", "street", "blue", "tree", "happy", "old"];

    private readonly ConcurrentDictionary<string, ConcurrentBag<double>> _times = new();
    private readonly ConcurrentDictionary<int, long> _statuses = new();
    private long _broken;

    /// <returns>Figures by name; times in milliseconds, memory in MiB.</returns>
    /// <exception cref="HttpRequestException">The server does not answer.</exception>
    public async Task<IReadOnlyList<KeyValuePair<string, double>>> RunAsync(TextWriter report, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = clients + 1, PooledConnectionLifetime = Timeout.InfiniteTimeSpan };
        using var http = new HttpClient(handler) { BaseAddress = server, Timeout = TimeSpan.FromMinutes(2) };
        if (key is not null)
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        }

        var images = JsonElement.Parse(await http.GetStringAsync("/api/images?limit=1000", cancellationToken)).GetProperty("hits")
            .EnumerateArray().Select(h => h.GetProperty("id").GetInt64()).ToArray();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var started = Stopwatch.StartNew();
        var asking = Enumerable.Range(0, clients).Select(client => Task.Run(() => AskAsync(http, client, images, stop.Token), CancellationToken.None)).ToList();
        var memory = new List<(TimeSpan At, double MiB)>();
        while (started.Elapsed < duration)
        {
            await Task.Delay(duration / 40, stop.Token);
            memory.Add((started.Elapsed, await MemoryAsync(http, stop.Token)));
            await report.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{started.Elapsed.TotalSeconds,6:F0} s  {_times.Values.Sum(t => t.Count),9:N0} requests  {memory[^1].MiB,7:F0} MiB"));
        }

        var elapsed = started.Elapsed;
        await stop.CancelAsync();
        await Task.WhenAll(asking);
        return Figures(elapsed, memory);
    }

    private List<KeyValuePair<string, double>> Figures(TimeSpan elapsed, List<(TimeSpan At, double MiB)> memory)
    {
        double[] all = [.. _times.Values.SelectMany(t => t).Order()];
        var figures = new List<KeyValuePair<string, double>>
        {
            new("serve_clients", clients), new("serve_requests", all.Length), new("serve_requests_per_s", all.Length / elapsed.TotalSeconds),
            new("serve_5xx", _statuses.Where(s => s.Key >= 500).Sum(s => s.Value)),
            new("serve_4xx", _statuses.Where(s => s.Key is >= 400 and < 500).Sum(s => s.Value)), new("serve_broken", _broken),
            new("serve_p50_ms", Quantile(all, 0.5)), new("serve_p99_ms", Quantile(all, 0.99)),
        };
        foreach (var (kind, times) in _times.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            double[] sorted = [.. times.Order()];
            figures.Add(new($"serve_{kind}_p50_ms", Quantile(sorted, 0.5)));
            figures.Add(new($"serve_{kind}_p99_ms", Quantile(sorted, 0.99)));
        }

        double Mean(double from, double to) => memory.Where(m => m.At >= from * elapsed && m.At <= to * elapsed).Select(m => m.MiB).DefaultIfEmpty().Average();
        figures.Add(new("serve_memory_early_mib", Mean(0.1, 0.2)));
        figures.Add(new("serve_memory_late_mib", Mean(0.9, 1)));
        return figures;
    }

    private async Task AskAsync(HttpClient http, int client, long[] images, CancellationToken stopped)
    {
        var random = new Random(client);
        for (var turn = client; !stopped.IsCancellationRequested; turn++)
        {
            var image = images.Length == 0 ? 0 : images[random.Next(images.Length)];
            var words = string.Join('+', Enumerable.Range(0, 3).Select(_ => Words[random.Next(Words.Length)])) + "+" + random.Next(1_000_000).ToString(CultureInfo.InvariantCulture);
            var (kind, path) = (turn % 5) switch
            {
                0 => ("search", $"/api/search?q={words}&limit=20"),
                1 => ("page", $"/?q={words}"),
                2 => ("thumb", $"/images/{image}/thumb"),
                3 => ("like", $"/api/search?like={image}&limit=20"),
                _ => ("filtered", $"/api/search?q={words}&orientation=landscape&limit=20"),
            };
            var started = Stopwatch.GetTimestamp();
            try
            {
                // Read to the end, and never cut off: an answer that is on its way when the time is over still counts.
                using var response = await http.GetAsync(path, CancellationToken.None);
                _statuses.AddOrUpdate((int)response.StatusCode, 1, (_, count) => count + 1);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                Interlocked.Increment(ref _broken);
            }

            _times.GetOrAdd(kind, _ => []).Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    private static async Task<double> MemoryAsync(HttpClient http, CancellationToken cancellationToken)
    {
        const string Name = "dotnet_process_memory_working_set_bytes ";
        var page = await http.GetStringAsync("/metrics", cancellationToken);
        var line = page.Split('\n').First(l => l.StartsWith(Name, StringComparison.Ordinal));
        return double.Parse(line[Name.Length..], CultureInfo.InvariantCulture) / (1 << 20);
    }

    private static double Quantile(double[] sorted, double share) => sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
}
