using System.Security.Cryptography;
using Sightline.Models.Images;

namespace Sightline.Web;

/// <summary>
/// The pictures that people searched by, small, for as long as the server runs and until enough others have come: an address that
/// names one survives a reload. Thread-safe.
/// </summary>
public sealed class UploadStore
{
    private const int Capacity = 200;
    private const int Side = 512;

    private readonly Dictionary<string, RgbImage> _pictures = [];
    private readonly Queue<string> _order = new();
    private readonly Lock _gate = new();

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
}
