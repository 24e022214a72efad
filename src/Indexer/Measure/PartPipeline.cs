using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Threading.Channels;
using Sightline.Curation;
using Sightline.Indexer.Ingest;
using Sightline.Models;
using Sightline.Models.Images;
using Sightline.Search;

namespace Sightline.Indexer.Measure;

/// <summary>
/// Images of a part into measures: read and decode (a thread a core), then, where a model is asked, embed images and captions by batches on
/// the device, after whoever waits at a page. A budget bounds the bytes in between. A bad file is a counted outcome.
/// </summary>
/// <param name="text">Null: no model is asked.</param>
/// <param name="catalog">Its embeddings of the same files are taken over; null: none are.</param>
internal sealed class PartPipeline(
    IEmbedder embedder, DeviceQueue device, MeasuredPart part, TextLikeness? text, WorkCounters counters, Catalog? catalog)
{
    private const int BatchSize = 32;
    private const int CaptionBatch = 64;
    private const long MemoryBytes = 512 << 20;

    // As in IngestPipeline: sides of the model that a picture keeps when it is shrunk while loading.
    private const int ShrinkBound = 4;

    private readonly ConcurrentBag<MeasuredFault> _faults = [];
    private readonly ByteBudget _memory = new(MemoryBytes);
    private readonly Channel<Decoded> _pictures = Channel.CreateBounded<Decoded>(2 * BatchSize);

    // The same whether or not a model is asked, so that the measures are.
    private readonly DecodeOptions _options = new(ShorterSide: Math.Max(4 * ImageStatistics.Side, ShrinkBound * embedder.ImageSize));

    private readonly record struct Decoded(ImageItem Item, RgbImage Pixels, byte[] Sha256);

    /// <summary>Deals with images once; faults come in no order.</summary>
    internal async Task<IReadOnlyCollection<MeasuredFault>> RunAsync(IReadOnlyList<ImageItem> items, CancellationToken cancellationToken)
    {
        // A stage that fails stops the other; the first failure is the one that is told.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = stop.Token };
        await Task.WhenAll(
            Stage.RunAsync(
                () => Parallel.ForEachAsync(items, options, async (item, token) => await DecodeAsync(item, token)), () => _pictures.Writer.Complete(), stop),
            Stage.RunAsync(() => EmbedAsync(stop.Token), null, stop)).WaitAsync(CancellationToken.None);
        return _faults;
    }

    private async ValueTask DecodeAsync(ImageItem item, CancellationToken cancellationToken)
    {
        var bytes = BytesOf(item.Location);
        await _memory.AcquireAsync(bytes, cancellationToken);
        if (Measure(item) is not { } decoded || text is null)
        {
            _memory.Release(bytes);
            return;
        }

        _memory.Exchange(bytes, decoded.Pixels.Pixels.Length);
        await _pictures.Writer.WriteAsync(decoded, cancellationToken);
    }

    // A file that is gone takes no memory; reading it says what is wrong.
    private static long BytesOf(ImageLocation location) =>
        !location.IsFile ? location.Length : new FileInfo(location.Path) is { Exists: true } file ? file.Length : 0;

    private Decoded? Measure(ImageItem item)
    {
        if (!PairImages.TryRead(item.Location, _options.MaxBytes, out var file, out var fault))
        {
            part.Set(item, new ImageMeasures { Known = ImageMeasured.Fault });
            Record(item, fault!);
            return null;
        }

        var sha256 = SHA256.HashData(file);
        if (!ImageDecoder.TryDecode(file, _options, out var image, out fault))
        {
            part.Set(item, new ImageMeasures { Known = ImageMeasured.Read | ImageMeasured.Fault }.WithSha256(sha256));
            Record(item, fault!);
            return null;
        }

        var statistics = ImageStatistics.Of(image!.Pixels);
        part.Set(item, new ImageMeasures
        {
            Known = ImageMeasured.Read | ImageMeasured.Pixels,
            Width = image.Metadata.Width,
            Height = image.Metadata.Height,
            PerceptualHash = statistics.PerceptualHash,
            Sharpness = statistics.Sharpness,
            Brightness = statistics.Brightness,
            Contrast = statistics.Contrast,
            Entropy = statistics.Entropy,
        }.WithSha256(sha256));
        if (text is null)
        {
            counters.Count("measured", item.Count);
        }

        return new Decoded(item, image.Pixels, sha256);
    }

    private void Record(ImageItem item, ImageFault fault)
    {
        counters.Count(fault.Reason, item.Count);
        var pairs = part.Part.Source;
        _faults.Add(new MeasuredFault(
            pairs.FirstRow + item.First, pairs.Keys.Text(item.First), item.Location.ToString(), fault.Reason, fault.Detail));
    }

    private async Task EmbedAsync(CancellationToken cancellationToken)
    {
        var batch = new List<Decoded>(BatchSize);
        while (await _pictures.Reader.WaitToReadAsync(cancellationToken))
        {
            while (batch.Count < BatchSize && _pictures.Reader.TryRead(out var picture))
            {
                batch.Add(picture);
            }

            await EmbedAsync(batch, cancellationToken);
            _memory.Release(batch.Sum(p => (long)p.Pixels.Pixels.Length));
            batch.Clear();
        }
    }

    private async Task EmbedAsync(List<Decoded> batch, CancellationToken cancellationToken)
    {
        var images = await EmbedImagesAsync(batch, cancellationToken);
        var captioned = new List<(int Pair, Embedding Image, string Caption)>();
        var lost = new HashSet<int>();
        for (var i = 0; i < batch.Count; i++)
        {
            if (images[i] is not { } image)
            {
                lost.Add(batch[i].Item.First);
                continue;
            }

            var item = batch[i].Item;
            part.SetEmbedding(item, image, text!.Of(image));
            for (var pair = item.First; pair < item.First + item.Count; pair++)
            {
                if (!part.Part.Source.Captions[pair].IsEmpty)
                {
                    captioned.Add((pair, image, part.Part.Source.Captions.Text(pair)));
                }
            }
        }

        foreach (var chunk in captioned.Chunk(CaptionBatch))
        {
            var captions = await EmbedAsync([.. chunk.Select(c => c.Caption)], embedder.EmbedTexts, cancellationToken);
            foreach (var ((pair, image, _), caption) in chunk.Zip(captions))
            {
                if (caption is null)
                {
                    lost.Add(batch.First(p => pair >= p.Item.First && pair < p.Item.First + p.Item.Count).Item.First);
                    continue;
                }

                part.SetSimilarity(pair, image.Similarity(caption));
            }
        }

        foreach (var (item, _, _) in batch)
        {
            if (lost.Contains(item.First))
            {
                Record(item, new ImageFault("device_out_of_memory", "The device had too little memory left to embed it; measuring again tries again."));
                continue;
            }

            counters.Count("measured", item.Count);
        }
    }

    // What the search has embedded is not embedded again.
    private async Task<Embedding?[]> EmbedImagesAsync(List<Decoded> batch, CancellationToken cancellationToken)
    {
        var known = catalog is null ? new Dictionary<string, Embedding>()
            : await catalog.FindEmbeddingsBySha256Async([.. batch.Select(p => p.Sha256)], embedder.Space, cancellationToken);
        var found = batch.Select(p => known.GetValueOrDefault(Convert.ToHexStringLower(p.Sha256))).ToArray();
        int[] unknown = [.. Enumerable.Range(0, found.Length).Where(i => found[i] is null)];
        if (unknown.Length > 0)
        {
            var embedded = await EmbedAsync([.. unknown.Select(i => batch[i].Pixels)], embedder.EmbedImages, cancellationToken);
            foreach (var (place, image) in unknown.Zip(embedded))
            {
                found[place] = image;
            }
        }

        return found;
    }

    // A batch that is too large for the memory left is halved; null where even one item is.
    private async Task<Embedding?[]> EmbedAsync<T>(
        T[] batch, Func<IReadOnlyList<T>, CancellationToken, Embedding[]> embed, CancellationToken cancellationToken)
    {
        try
        {
            return await device.RunAsync(DevicePriority.Bulk, () => embed(batch, cancellationToken), cancellationToken);
        }
        catch (Exception e) when (DeviceMemory.IsExhausted(e))
        {
            if (batch.Length == 1)
            {
                return [null];
            }

            var half = batch.Length / 2;
            return
            [
                .. await EmbedAsync(batch[..half], embed, cancellationToken),
                .. await EmbedAsync(batch[half..], embed, cancellationToken),
            ];
        }
    }
}
