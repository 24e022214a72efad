using System.Security.Cryptography;
using Polly;
using Polly.Retry;
using Sightline.Curation;
using Sightline.Models.Images;
using Sightline.Search;

namespace Sightline.Indexer.Download;

/// <summary>One address to one file: fetched, tried again where the failure may pass, verified, resized. Thread-safe.</summary>
internal sealed class ImageDownload : IDisposable
{
    // img2dataset's.
    private static readonly string[] OptOuts = ["noai", "noimageai", "noindex", "noimageindex"];

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly DownloadRequest _request;
    private readonly PictureFetcher _fetcher;
    private readonly ResiliencePipeline<byte[]> _retries;

    // A decoded picture is many times its file: as many as there are cores, however many are fetched.
    private readonly SemaphoreSlim _decoding = new(Environment.ProcessorCount);

    /// <param name="fetch">Which addresses may be called.</param>
    /// <param name="firstWait">Before the first retry; doubles.</param>
    internal ImageDownload(DownloadRequest request, int atOnce, FetchOptions fetch, TimeSpan firstWait, TimeProvider time)
    {
        _request = request;
        _fetcher = new PictureFetcher(fetch with
        {
            Purpose = "dataset download",
            AtOnce = atOnce,
            MaxBytes = request.MaxBytes,
            MaxRedirects = request.Redirects,
            Timeout = TimeSpan.FromSeconds(request.TimeoutSeconds),
            RefusedDirectives = request.IgnoreOptOut ? [] : OptOuts,
        });
        _retries = request.Retries == 0 ? ResiliencePipeline<byte[]>.Empty : new ResiliencePipelineBuilder<byte[]> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<byte[]>
            {
                ShouldHandle = tried => ValueTask.FromResult(tried.Outcome.Exception is FetchException { IsTransient: true }),
                MaxRetryAttempts = request.Retries,
                BackoffType = DelayBackoffType.Exponential,
                Delay = firstWait,
                MaxDelay = LongestWait,
                UseJitter = true,
                DelayGenerator = tried => ValueTask.FromResult(
                    tried.Outcome.Exception is FetchException { RetryAfter: { } asked } ? asked < LongestWait ? asked : LongestWait : (TimeSpan?)null),
            })
            .Build();
    }

    public void Dispose()
    {
        _fetcher.Dispose();
        _decoding.Dispose();
    }

    /// <param name="sha256">That the file must have, in hexadecimal; empty: any.</param>
    internal async Task<DownloadOutcome> RunAsync(string url, string sha256, CancellationToken cancellationToken)
    {
        byte[] file;
        try
        {
            file = await _retries.ExecuteAsync(
                static async (call, token) => await call.Fetcher.FetchAsync(call.Url, token), (Fetcher: _fetcher, Url: url), cancellationToken);
        }
        catch (FetchException e)
        {
            return new DownloadOutcome(DownloadOutcome.FailedToDownload, e.Reason, e.Cause);
        }

        await _decoding.WaitAsync(cancellationToken);
        try
        {
            return Finish(file, sha256);
        }
        finally
        {
            _decoding.Release();
        }
    }

    private DownloadOutcome Finish(byte[] file, string sha256)
    {
        var actual = Convert.ToHexStringLower(SHA256.HashData(file));
        if (sha256.Length > 0 && !sha256.Equals(actual, StringComparison.OrdinalIgnoreCase))
        {
            return new DownloadOutcome(DownloadOutcome.FailedToVerify, "sha256_mismatch", $"Its SHA-256 is {actual}, not {sha256}.") { Sha256 = actual };
        }

        var shrinks = !_request.Enlarge && _request.Resize is ResizeMode.KeepRatioSmallest or ResizeMode.CenterCrop;
        if (!ImageDecoder.TryDecode(file, new DecodeOptions(ShorterSide: shrinks ? 2 * _request.Size : 0), out var image, out var fault))
        {
            return new DownloadOutcome(DownloadOutcome.FailedToResize, fault!.Reason, fault.Detail) { Sha256 = actual };
        }

        var resized = ImageResizer.Resize(image!.Pixels, _request.Resize, _request.Size, _request.Enlarge);
        var isAsFetched = resized == image.Pixels && image.Metadata is { Orientation: 1, Format: var format } && format == (_request.Format == "jpg" ? "jpeg" : _request.Format);
        return new DownloadOutcome(DownloadOutcome.Success, DownloadOutcome.Success, null)
        {
            Image = isAsFetched ? file : Encode(resized),
            Width = resized.Width,
            Height = resized.Height,
            OriginalWidth = image.Metadata.Width,
            OriginalHeight = image.Metadata.Height,
            Exif = ExifJson.Read(file),
            Sha256 = actual,
        };
    }

    private byte[] Encode(RgbImage image) => _request.Format switch
    {
        "jpg" => ImageEncoder.EncodeJpeg(image, _request.Quality),
        "png" => ImageEncoder.EncodePng(image),
        _ => ImageEncoder.EncodeWebp(image, _request.Quality),
    };
}
