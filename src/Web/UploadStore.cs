using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Sightline.Models.Images;

namespace Sightline.Web;

/// <summary>
/// The pictures that people searched by, small, for as long as the server runs and until enough others have come: an address that
/// names one survives a reload. Thread-safe.
/// </summary>
public sealed class UploadStore : IDisposable
{
    private const int Capacity = 200;
    private const int Side = 512;
    private const int AtOnce = 8;

    private readonly Dictionary<string, RgbImage> _pictures = [];
    private readonly Queue<string> _order = new();
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _receiving = new(AtOnce);

    /// <returns>The picture's name, from its bytes.</returns>
    /// <exception cref="ArgumentException">The bytes are no picture; says why.</exception>
    public string Add(byte[] file)
    {
        if (!ImageDecoder.TryDecode(file, new DecodeOptions(ShorterSide: Side), out var image, out var fault))
        {
            throw new ArgumentException($"{fault!.Detail} ({fault.Reason})");
        }

        var name = Convert.ToHexStringLower(SHA256.HashData(file))[..16];
        lock (_gate)
        {
            if (_pictures.TryAdd(name, ImageEncoder.Fit(image!.Pixels, 2 * Side, 2 * Side)))
            {
                _order.Enqueue(name);
                if (_order.Count > Capacity)
                {
                    _pictures.Remove(_order.Dequeue());
                }
            }
        }

        return name;
    }

    /// <summary>Reads a picture from a request: its body, or the one file of its form. A few at a time, as each is held whole.</summary>
    /// <returns>The picture's name.</returns>
    /// <exception cref="ArgumentException">The form is damaged or has not one file, or the file is no picture.</exception>
    internal async Task<string> ReceiveAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        await _receiving.WaitAsync(cancellationToken);
        try
        {
            using var body = new MemoryStream();
            if (request.HasFormContentType)
            {
                var form = await request.ReadFormAsync(cancellationToken);
                await (form.Files is [var file] ? file : throw new ArgumentException($"The form holds {form.Files.Count} files, not one."))
                    .CopyToAsync(body, cancellationToken);
            }
            else
            {
                await request.Body.CopyToAsync(body, cancellationToken);
            }

            return Add(body.ToArray());
        }
        catch (Exception e) when (e is InvalidDataException or (IOException and not BadHttpRequestException))
        {
            throw new ArgumentException($"The form is damaged: {e.Message}", e);
        }
        finally
        {
            _receiving.Release();
        }
    }

    /// <exception cref="ArgumentException">It is not, or no longer, here.</exception>
    public RgbImage Get(string name)
    {
        lock (_gate)
        {
            return _pictures.TryGetValue(name, out var picture)
                ? picture
                : throw new ArgumentException("The picture you searched by is no longer here; drop it into the box again.");
        }
    }

    public void Dispose() => _receiving.Dispose();
}
