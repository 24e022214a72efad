using System.Security.Cryptography;
using System.Threading.Channels;
using Sightline.Indexer.Walk;
using Sightline.Models;
using Sightline.Models.Images;
using Sightline.Search;

namespace Sightline.Indexer.Ingest;

/// <summary>
/// A folder into the catalogue: walk -> decode (a thread a core) -> embed (one batch on the device) -> write (one transaction a batch).
/// Bounded channels join the stages that hold pixels, and a budget bounds their bytes; for each file the walk holds a short record and
/// what is known of it. What is unchanged is skipped; a bad file is a counted outcome; what is acknowledged is committed, so a run that is
/// killed is simply run again.
/// </summary>
public sealed class IngestPipeline(Catalog catalog, ThumbnailStore thumbnails, IEmbedder embedder, DeviceQueue device, TimeProvider time)
{
    private const int BatchSize = 32;
    private const int FaultBatch = 200;

    // Sides of the model that a picture keeps when it is shrunk while loading: its embedding stays within cosine 0.999 of the whole one's
    // (ShrinkOnLoadTests); at two, a WebP comes to 0.998.
    private const int ShrinkBound = 4;

    // Ordinary pictures take two thirds of it; a folder of large bitmaps, which do not shrink while they load, waits for it.
    private const long MemoryBytes = 512 << 20;

    /// <summary>How many decoders run, one a core.</summary>
    public static int Decoders => Environment.ProcessorCount;

    private sealed record Decoded(WalkedFile File, byte[] Sha256, RgbImage Pixels, ImageMetadata Metadata, string? Caption, bool Known);

    /// <exception cref="IOException">The root cannot be read: nothing is marked missing, since a disk may only be unplugged.</exception>
    public async Task RunAsync(RootFolder root, string? ownFolder, IngestCounters counters, CancellationToken cancellationToken)
    {
        // A stage that fails stops the others; the first failure is the one that is told.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        // The walk runs ahead, so that the number of files, and with it the time left, is known early; a file waiting here is a short
        // record.
        var files = Channel.CreateUnbounded<(WalkedFile File, bool Known)>();
        var pictures = Channel.CreateBounded<Decoded>(2 * BatchSize);
        var memory = new ByteBudget(MemoryBytes);
        var images = Channel.CreateBounded<IReadOnlyList<NewImage>>(4);
        var faults = Channel.CreateBounded<FileFault>(FaultBatch);
        Task[] stages =
        [
            StageAsync(() => ScanAsync(root, ownFolder, counters, files.Writer, faults.Writer, stop.Token), () => files.Writer.Complete()),
            StageAsync(
                () => Task.WhenAll(Enumerable.Range(0, Decoders).Select(_ =>
                    StageAsync(() => DecodeAsync(root, counters, memory, files.Reader, pictures.Writer, faults.Writer, stop.Token), null))),
                () =>
                {
                    pictures.Writer.Complete();
                    faults.Writer.Complete();
                }),
            StageAsync(
                () => EmbedAsync(root, counters, memory, pictures.Reader, images.Writer, stop.Token), () => images.Writer.Complete()),
            StageAsync(() => WriteAsync(counters, images.Reader, stop.Token), null),
            StageAsync(() => RecordAsync(counters, faults.Reader, stop.Token), null),
        ];
        await Task.WhenAll(stages).WaitAsync(CancellationToken.None);

        async Task StageAsync(Func<Task> run, Action? complete)
        {
            try
            {
                await Task.Yield();
                await run();
                complete?.Invoke();
            }
            catch
            {
                await stop.CancelAsync();
                throw;
            }
        }
    }

    private async Task ScanAsync(
        RootFolder root, string? ownFolder, IngestCounters counters, ChannelWriter<(WalkedFile, bool)> files,
            ChannelWriter<FileFault> faults,
        CancellationToken cancellationToken)
    {
        var known = new Dictionary<string, KnownFile>();
        await foreach (var file in catalog.ReadKnownFilesAsync(root.Id, embedder.Space, cancellationToken))
        {
            known.Add(file.Path, file);
        }

        var unreadable = new List<string>();
        using var walk = new FolderWalk(root.Path, new ExclusionPatterns(root.Exclude), ownFolder).Run().GetEnumerator();
        while (counters.Time(IngestStage.Scan, walk.MoveNext))
        {
            var file = walk.Current;
            counters.Found();
            known.Remove(file.Path, out var before);
            if (file.Reason is not null)
            {
                unreadable.Add(file.Path + "/");
                await faults.WriteAsync(Fault(root, file, file.Reason, file.Detail!), cancellationToken);
            }
            else if (before is not null && IsUnchanged(file, before))
            {
                counters.Count(before.Reason ?? "unchanged");
            }
            else
            {
                await files.WriteAsync((file, before is not null), cancellationToken);
            }
        }

        counters.ScanEnded();

        // What lies in a folder that could not be read is not gone.
        var gone = known.Values.Where(k => !k.Missing
            && !unreadable.Exists(u => k.Path.StartsWith(u, StringComparison.Ordinal))).Select(k => k.Path).ToList();
        foreach (var paths in gone.Chunk(1000))
        {
            await catalog.MarkMissingAsync(root.Id, paths, cancellationToken);
            counters.Count("missing", paths.Length);
        }
    }

    private static bool IsUnchanged(WalkedFile file, KnownFile before) =>
        file.Bytes == before.Bytes && file.ModifiedAt == before.ModifiedAt
        && (before.Reason is null ? before.Embedded && !before.Missing : !IsPassing(before.Reason));

    // Permissions and disks are mended without a change to the file.
    private static bool IsPassing(string reason) => reason is "unreadable" or "vanished";

    private async Task DecodeAsync(
        RootFolder root, IngestCounters counters, ByteBudget memory, ChannelReader<(WalkedFile File, bool Known)> files,
        ChannelWriter<Decoded> pictures, ChannelWriter<FileFault> faults, CancellationToken cancellationToken)
    {
        var options = new DecodeOptions(ShorterSide: Math.Max(ShrinkBound * embedder.ImageSize, ThumbnailStore.Height));
        await foreach (var (file, known) in files.ReadAllAsync(cancellationToken))
        {
            ImageFault? fault = null;
            await memory.AcquireAsync(file.Bytes, cancellationToken);
            var decoded = counters.Time(IngestStage.Decode, () => Decode(root, file, known, options, out fault));
            memory.Exchange(file.Bytes, decoded?.Pixels.Pixels.Length ?? 0);
            if (decoded is not null)
            {
                await pictures.WriteAsync(decoded, cancellationToken);
            }
            else
            {
                counters.Worked(1);
                await faults.WriteAsync(Fault(root, file, fault!.Reason, fault.Detail), cancellationToken);
            }
        }
    }

    private Decoded? Decode(RootFolder root, WalkedFile file, bool known, DecodeOptions options, out ImageFault? fault)
    {
        var path = Path.Combine(root.Path, file.Path);
        if (!PictureFile.TryRead(path, options.MaxBytes, out var bytes, out fault)
            || !ImageDecoder.TryDecode(bytes, options, out var image, out fault))
        {
            return null;
        }

        var sha256 = SHA256.HashData(bytes);
        thumbnails.Save(sha256, image!.Pixels);
        return new Decoded(file, sha256, image.Pixels, image.Metadata, Caption(path), known);
    }

    // The text beside a picture, as curation tools and our own demo set write it.
    private static string? Caption(string path)
    {
        var text = new FileInfo(Path.ChangeExtension(path, ".txt"));
        try
        {
            // A link could lead out of the root.
            return text is { Exists: true, LinkTarget: null, Length: > 0 and < 64 << 10 } ? File.ReadAllText(text.FullName).Trim() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A picture is worth having without its caption.
            return null;
        }
    }

    private async Task EmbedAsync(
        RootFolder root, IngestCounters counters, ByteBudget memory, ChannelReader<Decoded> pictures,
        ChannelWriter<IReadOnlyList<NewImage>> images, CancellationToken cancellationToken)
    {
        var batch = new List<Decoded>(BatchSize);
        var seen = new HashSet<string>();
        while (await pictures.WaitToReadAsync(cancellationToken))
        {
            while (batch.Count < BatchSize && pictures.TryRead(out var picture))
            {
                batch.Add(picture);
            }

            IReadOnlyList<NewImage> embedded = [];
            await counters.TimeAsync(IngestStage.Embed, async () =>
                embedded = await EmbedAsync(root, counters, batch, seen, cancellationToken));
            memory.Release(batch.Sum(p => (long)p.Pixels.Pixels.Length));
            batch.Clear();
            await images.WriteAsync(embedded, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<NewImage>> EmbedAsync(
        RootFolder root, IngestCounters counters, List<Decoded> batch, HashSet<string> seen, CancellationToken cancellationToken)
    {
        var held = new Dictionary<string, Embedding>(
            await catalog.FindEmbeddingsBySha256Async([.. batch.Select(p => p.Sha256)], embedder.Space, cancellationToken));
        var fresh = batch.Where(p => !held.ContainsKey(Convert.ToHexStringLower(p.Sha256))).ToList();
        var embedded = await device.RunAsync(
            DevicePriority.Bulk, () => embedder.EmbedImages([.. fresh.Select(p => p.Pixels)], cancellationToken), cancellationToken);
        for (var i = 0; i < fresh.Count; i++)
        {
            held[Convert.ToHexStringLower(fresh[i].Sha256)] = embedded[i];
        }

        var stored = held.Keys.Except(fresh.Select(p => Convert.ToHexStringLower(p.Sha256))).ToHashSet();
        foreach (var picture in batch)
        {
            var hash = Convert.ToHexStringLower(picture.Sha256);
            var first = seen.Add(hash) && !stored.Contains(hash);
            counters.Count(picture.Known ? "updated" : first ? "added" : "duplicate");
        }

        return [.. batch.Select(p => new NewImage(
            root.Id, p.File.Path, p.Sha256, p.File.Bytes, p.File.ModifiedAt, p.Metadata, p.Caption, Provenance.Collected,
            held[Convert.ToHexStringLower(p.Sha256)]))];
    }

    private async Task WriteAsync(IngestCounters counters, ChannelReader<IReadOnlyList<NewImage>> images,
        CancellationToken cancellationToken)
    {
        await foreach (var batch in images.ReadAllAsync(cancellationToken))
        {
            await counters.TimeAsync(IngestStage.Write, () => catalog.AddAsync(batch, cancellationToken));
            counters.Worked(batch.Count);
        }
    }

    private async Task RecordAsync(IngestCounters counters, ChannelReader<FileFault> faults, CancellationToken cancellationToken)
    {
        var batch = new List<FileFault>(FaultBatch);
        while (await faults.WaitToReadAsync(cancellationToken))
        {
            while (batch.Count < FaultBatch && faults.TryRead(out var fault))
            {
                batch.Add(fault);
                counters.Count(fault.Reason);
            }

            await catalog.RecordFaultsAsync(batch, cancellationToken);
            batch.Clear();
        }
    }

    private FileFault Fault(RootFolder root, WalkedFile file, string reason, string detail) =>
        new(root.Id, file.Path, file.Bytes, file.ModifiedAt, reason, detail, time.GetUtcNow());
}
