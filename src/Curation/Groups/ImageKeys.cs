using System.Globalization;
using System.Security.Cryptography;

namespace Sightline.Curation;

/// <summary>
/// What tells an image from others, as 128 bits: the first 16 bytes, big-endian, of the SHA-256 of its file, as measured or else as the
/// source says, or of the SHA-256 of its address or else of its place on the disk.
/// </summary>
internal static class ImageKeys
{
    internal const PartColumns Columns = PartColumns.Measures | PartColumns.Sha256s | PartColumns.Urls | PartColumns.Images;

    private const int HexDigits = 64;
    private const int KeyDigits = 32;

    /// <summary>The surest that is known; false where nothing is.</summary>
    internal static bool TryGet(in Pair pair, out UInt128 key) =>
        TryMeasured(pair, out key) || TryStated(pair.Sha256, out key) || TryText(pair.Url, out key) || TryText(pair.Image, out key);

    /// <summary>All that are known.</summary>
    /// <param name="keys">Of at least four.</param>
    /// <returns>How many.</returns>
    internal static int GetAll(in Pair pair, Span<UInt128> keys)
    {
        var count = 0;
        count += TryMeasured(pair, out keys[count]) ? 1 : 0;
        count += TryStated(pair.Sha256, out keys[count]) ? 1 : 0;
        count += TryText(pair.Url, out keys[count]) ? 1 : 0;
        count += TryText(pair.Image, out keys[count]) ? 1 : 0;
        return count;
    }

    private static bool TryMeasured(in Pair pair, out UInt128 key)
    {
        key = pair.Measures.Sha256High;
        return pair.Measures.Has(ImageMeasured.Read);
    }

    // What a source says need not be a digest.
    private static bool TryStated(ReadOnlySpan<byte> text, out UInt128 key)
    {
        key = default;
        return text.Length == HexDigits
            && UInt128.TryParse(text[..KeyDigits], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out key)
            && UInt128.TryParse(text[KeyDigits..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _);
    }

    private static bool TryText(ReadOnlySpan<byte> text, out UInt128 key)
    {
        key = default;
        if (text.IsEmpty)
        {
            return false;
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, digest);
        key = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest);
        return true;
    }
}
