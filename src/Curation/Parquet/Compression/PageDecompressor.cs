using System.Diagnostics;
using System.IO.Compression;

namespace Sightline.Curation.Parquet;

/// <summary>Decompresses the pages of one column chunk by its codec (Compression.md).</summary>
internal sealed class PageDecompressor(Codec codec) : IDisposable
{
    private Zstandard.Decoder? _zstandard;

    public void Dispose() => _zstandard?.Dispose();

    /// <returns>Why chunks of this codec cannot be read; null where they can.</returns>
    internal static string? WhyUnreadable(Codec codec) => codec switch
    {
        Codec.Uncompressed or Codec.Snappy or Codec.Gzip or Codec.Brotli or Codec.Zstd or Codec.Lz4Raw => null,
        Codec.Lz4 => "it is compressed with LZ4 in Hadoop's framing, which is deprecated; LZ4_RAW is supported.",
        Codec.Lzo => "it is compressed with LZO, which is not supported.",
        _ => $"there is no codec {(int)codec}.",
    };

    /// <summary>
    /// Whether bytes so few can become so many: asked before memory is taken for them. The bounds follow from the formats: 64 bytes from a
    /// copy of three (Snappy), 255 from a length byte (LZ4), 258 from two bits (gzip), 128 KiB from a block of four bytes (Zstandard).
    /// </summary>
    internal bool CanBecome(int compressed, int uncompressed) => uncompressed <= codec switch
    {
        Codec.Uncompressed => compressed,
        Codec.Snappy => compressed * 22L,
        Codec.Lz4Raw => compressed * 256L,
        Codec.Gzip => compressed * 1032L,
        Codec.Zstd => compressed * 32768L,
        _ => long.MaxValue,
    };

    /// <param name="into">As long as the page's header says.</param>
    /// <exception cref="InvalidDataException">The page is damaged, or becomes more or less than <paramref name="into"/> holds.</exception>
    internal void Decompress(ArraySegment<byte> page, Span<byte> into)
    {
        if (page.Count == 0 && into.IsEmpty)
        {
            // A page of nulls alone has no data, and some writers do not compress that nothing.
            return;
        }

        switch (codec)
        {
            case Codec.Uncompressed when page.Count == into.Length: page.AsSpan().CopyTo(into); break;
            case Codec.Uncompressed: throw new InvalidDataException($"a page of {page.Count} bytes, not compressed, claims {into.Length}.");
            case Codec.Snappy: SnappyDecoder.Decompress(page, into); break;
            case Codec.Lz4Raw: Lz4Decoder.Decompress(page, into); break;
            case Codec.Zstd: (_zstandard ??= Zstandard.Decoder.Create()).Decompress(page, into); break;
            case Codec.Gzip: DecompressGzip(page, into); break;
            case Codec.Brotli: DecompressBrotli(page, into); break;
            default: throw new UnreachableException($"Codec {codec} was to be refused before.");
        }
    }

    private static void DecompressBrotli(ReadOnlySpan<byte> page, Span<byte> into)
    {
        if (!BrotliDecoder.TryDecompress(page, into, out var written) || written != into.Length)
        {
            throw new InvalidDataException($"the Brotli stream is damaged, or does not become {into.Length} bytes.");
        }
    }

    private static void DecompressGzip(ArraySegment<byte> page, Span<byte> into)
    {
        using var gzip = new GZipStream(new MemoryStream(page.Array!, page.Offset, page.Count), CompressionMode.Decompress);
        try
        {
            var read = gzip.ReadAtLeast(into, into.Length, throwOnEndOfStream: false);
            if (read == into.Length && gzip.ReadByte() < 0)
            {
                return;
            }
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException("the gzip stream is damaged.", e);
        }

        throw new InvalidDataException($"the gzip stream does not become {into.Length} bytes.");
    }
}
