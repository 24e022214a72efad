using System.Security.Cryptography;
using System.Threading.Channels;
using Sightline.Models;
using Sightline.Models.Images;
using Sightline.Search;

namespace Sightline.Indexer.Ingest;

/// <summary>
/// Pictures into the catalogue: decode (a thread a core) -> embed (one batch on the device) -> write (one transaction a batch).
/// Bounded channels join the stages that hold pixels, and a budget bounds their bytes. A bad file is a counted outcome; what is
/// acknowledged is committed.
/// </summary>
internal sealed class IngestPipeline(Catalog catalog, ThumbnailStore thumbnails, IEmbedder embedder, DeviceQueue device, TimeProvider time)
{
    private const int BatchSize = 32;
    private const int FaultBatch = 200;
    private const int MostSeen = 100_000;

    // Sides of the model that a picture keeps when it is shrunk while loading: its embedding stays within cosine 0.999 of the whole one's
    // (ShrinkOnLoadTests); at two, a WebP comes to 0.998.
    private const int ShrinkBound = 4;

    // Ordinary pictures take two thirds of it; a folder of large bitmaps, which do not shrink while they load, waits for it.
    private const long MemoryBytes = 512 << 20;

    /// <summary>How many decoders run, one a core.</summary>
    internal static int Decoders => Environment.ProcessorCount;

    private sealed record Decoded(IngestItem Item, byte[] Sha256, RgbImage Pixels, ImageMetadata Metadata, string? Caption);

    private sealed record Embedded(IngestItem Item, NewImage Image, string Outcome);

    private sealed record Faulty(IngestItem Item, ImageFault Fault);

    /// <summary>Deals with files until there are no more of them.</summary>
    /// <param name="finished">Told of each part whose last file has been dealt with, once all of it is committed.</param>
    internal async Task RunAsync(
        ChannelReader<IngestItem> items, IngestCounters counters, Func<IngestPart, Task> finished, CancellationToken cancellationToken)
    {
        // A stage that fails stops the others; the first failure is the one that is told.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pictures = Channel.CreateBounded<Decoded>(2 * BatchSize);
        var memory = new ByteBudget(MemoryBytes);
        var images = Channel.CreateBounded<IReadOnlyList<Embedded>>(4);
        var faults = Channel.CreateBounded<Faulty>(FaultBatch);
        Task[] stages =
        [
            Stage.RunAsync(
                () => Task.WhenAll(Enumerable.Range(0, Decoders).Select(_ =>
                    Stage.RunAsync(() => DecodeAsync(items, counters, memory, pictures.Writer, faults.Writer, stop.Token), null, stop))),
                () =>
                {
                    pictures.Writer.Complete();
                    faults.Writer.Complete();
                },
                stop),
            Stage.RunAsync(() => EmbedAsync(counters, memory, pictures.Reader, images.Writer, stop.Token), () => images.Writer.Complete(), stop),
            Stage.RunAsync(() => WriteAsync(counters, images.Reader, finished, stop.Token), null, stop),
            Stage.RunAsync(() => RecordAsync(counters, faults.Reader, finished, stop.Token), null, stop),
        ];
        await Task.WhenAll(stages).WaitAsync(CancellationToken.None);
    }

    private async Task DecodeAsync(
        ChannelReader<IngestItem> items, IngestCounters counters, ByteBudget memory, ChannelWriter<Decoded> pictures,
        ChannelWriter<Faulty> faults, CancellationToken cancellationToken)
    {
        var options = new DecodeOptions(ShorterSide: Math.Max(ShrinkBound * embedder.ImageSize, ThumbnailStore.Height));
        await foreach (var item in items.ReadAllAsync(cancellationToken))
        {
            ImageFault? fault = null;
            await memory.AcquireAsync(item.File.Bytes, cancellationToken);
            var decoded = counters.Time(IngestStage.Decode, () => Decode(item, options, out fault));
            memory.Exchange(item.File.Bytes, decoded?.Pixels.Pixels.Length ?? 0);
            if (decoded is not null)
            {
                await pictures.WriteAsync(decoded, cancellationToken);
            }
            else
            {
                await faults.WriteAsync(new Faulty(item, fault!), cancellationToken);
            }
        }
    }

    private Decoded? Decode(IngestItem item, DecodeOptions options, out ImageFault? fault)
    {
        var path = Path.Combine(item.Root.Path, item.File.Path);
        if (!PictureFile.TryRead(path, options.MaxBytes, out var bytes, out fault)
            || !ImageDecoder.TryDecode(bytes, options, out var image, out fault))
        {
            return null;
        }

        var sha256 = SHA256.HashData(bytes);
        thumbnails.Save(sha256, image!.Pixels);
        return new Decoded(item, sha256, image.Pixels, image.Metadata, Caption(path));
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
        IngestCounters counters, ByteBudget memory, ChannelReader<Decoded> pictures, ChannelWriter<IReadOnlyList<Embedded>> images,
        CancellationToken cancellationToken)
    {
        var batch = new List<Decoded>(BatchSize);
        var seen = new HashSet<string>();
        while (await pictures.WaitToReadAsync(cancellationToken))
        {
            while (batch.Count < BatchSize && pictures.TryRead(out var picture))
            {
                batch.Add(picture);
            }

            IReadOnlyList<Embedded> embedded = [];
            await counters.TimeAsync(IngestStage.Embed, async () => embedded = await EmbedAsync(batch, seen, cancellationToken));
            memory.Release(batch.Sum(p => (long)p.Pixels.Pixels.Length));
            batch.Clear();
            await images.WriteAsync(embedded, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<Embedded>> EmbedAsync(List<Decoded> batch, HashSet<string> seen, CancellationToken cancellationToken)
    {
        var held = new Dictionary<string, Embedding>(
            await catalog.FindEmbeddingsBySha256Async([.. batch.Select(p => p.Sha256)], embedder.Space, cancellationToken));
        var stored = held.Keys.ToHashSet();
        var fresh = batch.Where(p => !held.ContainsKey(Convert.ToHexStringLower(p.Sha256))).ToList();
        var vectors = await device.RunAsync(
            DevicePriority.Bulk, () => embedder.EmbedImages([.. fresh.Select(p => p.Pixels)], cancellationToken), cancellationToken);
        foreach (var (picture, vector) in fresh.Zip(vectors))
        {
            held[Convert.ToHexStringLower(picture.Sha256)] = vector;
        }

        // What is long stored is found there; a worker lives for months.
        if (seen.Count > MostSeen)
        {
            seen.Clear();
        }

        var embedded = new List<Embedded>(batch.Count);
        foreach (var picture in batch)
        {
            var (file, hash) = (picture.Item.File, Convert.ToHexStringLower(picture.Sha256));
            var first = seen.Add(hash) && !stored.Contains(hash);
            embedded.Add(new Embedded(
                picture.Item,
                new NewImage(
                    picture.Item.Root.Id, file.Path, picture.Sha256, file.Bytes, file.ModifiedAt, picture.Metadata, picture.Caption,
                    Provenance.Collected, held[hash]),
                file.Known ? "updated" : first ? "added" : "duplicate"));
        }

        return embedded;
    }

    private async Task WriteAsync(
        IngestCounters counters, ChannelReader<IReadOnlyList<Embedded>> images, Func<IngestPart, Task> finished,
        CancellationToken cancellationToken)
    {
        await foreach (var batch in images.ReadAllAsync(cancellationToken))
        {
            await counters.TimeAsync(IngestStage.Write, () => catalog.AddAsync([.. batch.Select(e => e.Image)], cancellationToken));
            foreach (var (item, _, outcome) in batch)
            {
                counters.Count(outcome);
                counters.Worked(1);
                if (item.Part.Settle(outcome))
                {
                    await finished(item.Part);
                }
            }
        }
    }

    private async Task RecordAsync(
        IngestCounters counters, ChannelReader<Faulty> faults, Func<IngestPart, Task> finished, CancellationToken cancellationToken)
    {
        var batch = new List<Faulty>(FaultBatch);
        while (await faults.WaitToReadAsync(cancellationToken))
        {
            while (batch.Count < FaultBatch && faults.TryRead(out var fault))
            {
                batch.Add(fault);
            }

            var own = batch.Where(f => !f.Item.Part.Leaves(f.Fault.Reason)).ToList();
            await catalog.RecordFaultsAsync(
                [.. own.Select(f => FolderScan.Fault(f.Item.Root, f.Item.File.Walked, f.Fault.Reason, f.Fault.Detail, time))], cancellationToken);
            foreach (var (item, fault) in batch)
            {
                var isLast = item.Part.Leaves(fault.Reason) ? item.Part.Leave(item.File) : item.Part.Settle(fault.Reason);
                if (!item.Part.Leaves(fault.Reason))
                {
                    counters.Count(fault.Reason);
                    counters.Worked(1);
                }

                if (isLast)
                {
                    await finished(item.Part);
                }
            }

            batch.Clear();
        }
    }
}
