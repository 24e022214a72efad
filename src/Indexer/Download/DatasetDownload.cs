using System.Text.Json;
using System.Threading.Channels;
using Sightline.Curation;
using Sightline.Indexer.Ingest;
using Sightline.Search;

namespace Sightline.Indexer.Download;

/// <summary>
/// Fetches the images of a dataset's addresses into shards. A shard is there whole or not at all, so a run that was killed is simply run
/// again: whole shards are passed over.
/// </summary>
/// <param name="fetch">Which addresses may be called.</param>
/// <param name="firstWait">Before the first retry.</param>
internal sealed class DatasetDownload(FetchOptions fetch, TimeSpan firstWait, TimeProvider time)
{
    // So that the last slow addresses of one do not leave the network idle.
    private const int ShardsAtOnce = 2;
    private const int MostAtOnce = 32;
    private const int AtOncePerCore = 8;
    private const string Settings = "download.json";

    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    /// <exception cref="IOException">There is no dataset, the output folder holds another download, or a file cannot be written.</exception>
    internal async Task RunAsync(PairDataset dataset, DownloadRequest request, WorkCounters counters, CancellationToken cancellationToken)
    {
        request.Check();
        if (dataset.CountParts() == 0)
        {
            throw new DirectoryNotFoundException($"{request.Folder} holds no dataset.");
        }

        Claim(request);
        counters.Begin(dataset.CountPairs());
        var atOnce = request.Concurrency ?? Math.Min(MostAtOnce, AtOncePerCore * Environment.ProcessorCount);
        var turns = new HostTurns(atOnce, request.PerHost);
        using var download = new ImageDownload(request, atOnce, fetch, firstWait, time);
        await Parallel.ForEachAsync(
            Shard.Of(dataset, cancellationToken),
            new ParallelOptions { MaxDegreeOfParallelism = ShardsAtOnce, CancellationToken = cancellationToken },
            async (shard, token) => await RunAsync(shard, request, turns, download, counters, token));
    }

    // What decides the shards' content must be the same when a download goes on; how fast it goes need not.
    private static void Claim(DownloadRequest request)
    {
        Directory.CreateDirectory(request.Output);
        var path = Path.Combine(request.Output, Settings);
        var settings = JsonSerializer.Serialize(new
        {
            request.Folder, request.IgnoreOptOut, request.Resize, request.Size, request.Enlarge, request.Format, request.Quality,
        });
        if (!File.Exists(path))
        {
            if (Directory.EnumerateFiles(request.Output, "*.tar").FirstOrDefault() is { } other)
            {
                throw new IOException($"{other} is no shard of this download: choose another output folder.");
            }

            AtomicFile.WriteText(path, settings);
        }
        else if (File.ReadAllText(path) is var before && before != settings)
        {
            throw new IOException($"{request.Output} holds a download with other settings ({before}): choose another output folder.");
        }
    }

    private async Task RunAsync(
        Shard shard, DownloadRequest request, HostTurns turns, ImageDownload download, WorkCounters counters, CancellationToken cancellationToken)
    {
        var wanted = shard.Wanted;
        Pass(shard, wanted.Count, counters);
        if (wanted.Count == 0)
        {
            return;
        }

        if (ShardStatistics.Read(DownloadShardWriter.StatisticsPath(request.Output, shard), wanted.Count) is { } whole)
        {
            foreach (var (status, count) in whole.Statuses.Where(s => s.Count > 0))
            {
                counters.Pass(status, count);
            }

            return;
        }

        var started = time.GetUtcNow();
        using var writer = new DownloadShardWriter(shard, request.Output, request.Format);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var outcomes = Channel.CreateBounded<(List<int> Pairs, DownloadOutcome Outcome)>(1);
        await Task.WhenAll(
            Stage.RunAsync(
                () => Task.WhenAll(Group(shard, wanted).Select(pairs =>
                    Stage.RunAsync(() => FetchAsync(shard, pairs, turns, download, outcomes.Writer, stop.Token), null, stop))),
                () => outcomes.Writer.Complete(), stop),
            Stage.RunAsync(() => WriteAsync(writer, outcomes.Reader, counters, stop.Token), null, stop)).WaitAsync(CancellationToken.None);
        writer.Finish(started, time.GetUtcNow());
    }

    private static void Pass(Shard shard, int wanted, WorkCounters counters)
    {
        var images = 0;
        for (var pair = shard.First; pair < shard.First + shard.Count; pair++)
        {
            images += shard.Part.Source.Images[pair].IsEmpty ? 0 : 1;
        }

        counters.Pass("has_image", images);
        counters.Pass("no_url", shard.Count - wanted - images);
    }

    // Captions of one image often stand one after the other: it is fetched once.
    private static List<List<int>> Group(Shard shard, List<int> wanted)
    {
        var groups = new List<List<int>>();
        var pairs = shard.Part.Source;
        foreach (var pair in wanted)
        {
            if (groups.Count > 0 && groups[^1][^1] is var last
                && pairs.Urls[last].SequenceEqual(pairs.Urls[pair]) && pairs.Sha256s[last].SequenceEqual(pairs.Sha256s[pair]))
            {
                groups[^1].Add(pair);
            }
            else
            {
                groups.Add([pair]);
            }
        }

        return groups;
    }

    // The turn is kept until the writer has the file: as many files are held as there are turns.
    private static async Task FetchAsync(
        Shard shard, List<int> pairs, HostTurns turns, ImageDownload download, ChannelWriter<(List<int> Pairs, DownloadOutcome Outcome)> outcomes,
        CancellationToken cancellationToken)
    {
        var url = shard.Part.Source.Urls.Text(pairs[0]);
        var host = Uri.TryCreate(url, UriKind.Absolute, out var address) ? address.Authority : "";
        await turns.EnterAsync(host, cancellationToken);
        try
        {
            var outcome = await download.RunAsync(url, shard.Part.Source.Sha256s.Text(pairs[0]), cancellationToken);
            await outcomes.WriteAsync((pairs, outcome), cancellationToken);
        }
        finally
        {
            turns.Leave(host);
        }
    }

    private static async Task WriteAsync(
        DownloadShardWriter writer, ChannelReader<(List<int> Pairs, DownloadOutcome Outcome)> outcomes, WorkCounters counters, CancellationToken cancellationToken)
    {
        await foreach (var (pairs, outcome) in outcomes.ReadAllAsync(cancellationToken))
        {
            foreach (var pair in pairs)
            {
                writer.Add(pair, outcome);
            }

            counters.Count(outcome.Status, pairs.Count);
        }
    }
}
