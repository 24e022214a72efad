using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Sightline.Curation.Export;

/// <summary>
/// Which pairs show the same image. By the file: its SHA-256 as measured, else as its source says, else where it lies, else its address,
/// else the pair's key or number. By the look, for splits: the perceptual hash where the pixels were measured, so that a copy in another
/// size or format counts as the same image; else by the file. Both depend on nothing but the pair itself.
/// </summary>
/// <remarks>The same bytes give the same perceptual hash: whoever shares a measured file shares its look. Hashes of all zeros and all ones
/// are those of pictures without any detail, which have nothing in common, and are not gone by.</remarks>
internal static class ImageIdentity
{
    private const int Sha256Digits = 64;

    /// <summary>128 bits.</summary>
    internal static UInt128 OfFile(in Pair pair, long row)
    {
        if (pair.Measures.Has(ImageMeasured.Read))
        {
            return pair.Measures.Sha256High ^ pair.Measures.Sha256Low;
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        if (pair.Sha256.Length == Sha256Digits && Convert.FromHexString(pair.Sha256, digest, out _, out _) == OperationStatus.Done)
        {
            return BinaryPrimitives.ReadUInt128BigEndian(digest) ^ BinaryPrimitives.ReadUInt128BigEndian(digest[16..]);
        }

        return !pair.Image.IsEmpty ? Hash("image"u8, pair.Image)
            : !pair.Url.IsEmpty ? Hash("url"u8, pair.Url)
            : !pair.Key.IsEmpty ? Hash("key"u8, pair.Key)
            : Hash("row"u8, MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref row, 1)));
    }

    /// <summary>128 bits.</summary>
    internal static UInt128 OfLook(in Pair pair, long row)
    {
        ref readonly var measures = ref pair.Measures;
        if (!measures.Has(ImageMeasured.Pixels) || measures.PerceptualHash is 0 or ulong.MaxValue)
        {
            return OfFile(pair, row);
        }

        var look = measures.PerceptualHash;
        return Hash("look"u8, MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref look, 1)));
    }

    /// <summary>SHA-256 as 64 digits, measured or else as the source says; nothing where neither is known.</summary>
    /// <param name="stated">By the source.</param>
    /// <param name="digits">64 bytes for them.</param>
    internal static ReadOnlySpan<byte> Sha256(scoped in ImageMeasures measures, ReadOnlySpan<byte> stated, Span<byte> digits)
    {
        if (!measures.Has(ImageMeasured.Read))
        {
            return stated;
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        CopySha256(measures, digest);
        Convert.TryToHexStringLower(digest, digits, out var written);
        return digits[..written];
    }

    internal static void CopySha256(in ImageMeasures measures, Span<byte> digest)
    {
        BinaryPrimitives.WriteUInt128BigEndian(digest, measures.Sha256High);
        BinaryPrimitives.WriteUInt128BigEndian(digest[16..], measures.Sha256Low);
    }

    private static UInt128 Hash(ReadOnlySpan<byte> kind, ReadOnlySpan<byte> value)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        if (value.Length > 400)
        {
            SHA256.HashData(value, digest);
            value = Encoding.ASCII.GetBytes(Convert.ToHexString(digest));
        }

        Span<byte> text = stackalloc byte[kind.Length + 1 + value.Length];
        kind.CopyTo(text);
        text[kind.Length] = (byte)':';
        value.CopyTo(text[(kind.Length + 1)..]);
        SHA256.HashData(text, digest);
        return BinaryPrimitives.ReadUInt128BigEndian(digest);
    }
}
