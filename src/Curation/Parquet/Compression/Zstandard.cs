using System.Runtime.InteropServices;

namespace Sightline.Curation.Parquet;

/// <summary>
/// Zstandard by the system's libzstd (RFC 8878), which every Debian has, as dpkg needs it; .NET 10 has none of its own.
/// </summary>
internal static partial class Zstandard
{
    private const string Library = "libzstd.so.1";

    /// <summary>The working memory of decompression; it serves one call at a time.</summary>
    internal sealed class Decoder() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        internal static Decoder Create()
        {
            var decoder = new Decoder();
            decoder.SetHandle(CreateDecoder());
            return decoder.IsInvalid ? throw new InsufficientMemoryException("libzstd has no memory for a decoder.") : decoder;
        }

        /// <param name="into">As long as what the frames become.</param>
        /// <exception cref="InvalidDataException">The frames are damaged, or become more or less than <paramref name="into"/>
        /// holds.</exception>
        internal void Decompress(ReadOnlySpan<byte> frames, Span<byte> into)
        {
            var written = Zstandard.Decompress(this, into, (nuint)into.Length, frames, (nuint)frames.Length);
            if (IsError(written) != 0)
            {
                throw new InvalidDataException($"the Zstandard frames are damaged: {Marshal.PtrToStringUTF8(ErrorName(written))}.");
            }

            if (written != (nuint)into.Length)
            {
                throw new InvalidDataException($"the Zstandard frames become {written} bytes of {into.Length}.");
            }
        }

        protected override bool ReleaseHandle() => FreeDecoder(handle) == 0;
    }

    /// <summary>The working memory of compression; it serves one call at a time.</summary>
    internal sealed class Encoder() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        internal static Encoder Create()
        {
            var encoder = new Encoder();
            encoder.SetHandle(CreateEncoder());
            return encoder.IsInvalid ? throw new InsufficientMemoryException("libzstd has no memory for an encoder.") : encoder;
        }

        /// <param name="into">Has room for <see cref="MostBytes"/>.</param>
        /// <param name="level">1, the fastest, to 22; 3 is libzstd's own default.</param>
        /// <returns>The bytes written.</returns>
        internal int Compress(ReadOnlySpan<byte> bytes, Span<byte> into, int level)
        {
            var written = Zstandard.Compress(this, into, (nuint)into.Length, bytes, (nuint)bytes.Length, level);
            return IsError(written) == 0
                ? (int)written
                : throw new InsufficientMemoryException($"libzstd: {Marshal.PtrToStringUTF8(ErrorName(written))}.");
        }

        protected override bool ReleaseHandle() => FreeEncoder(handle) == 0;
    }

    /// <returns>Bytes that <paramref name="length"/> bytes take at most.</returns>
    internal static int MostBytes(int length) => checked((int)CompressBound((nuint)length));

    [LibraryImport(Library, EntryPoint = "ZSTD_createDCtx")]
    private static partial nint CreateDecoder();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeDCtx")]
    private static partial nuint FreeDecoder(nint decoder);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressDCtx")]
    private static partial nuint Decompress(Decoder decoder, Span<byte> into, nuint room, ReadOnlySpan<byte> frames, nuint length);

    [LibraryImport(Library, EntryPoint = "ZSTD_createCCtx")]
    private static partial nint CreateEncoder();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeCCtx")]
    private static partial nuint FreeEncoder(nint encoder);

    [LibraryImport(Library, EntryPoint = "ZSTD_compressCCtx")]
    private static partial nuint Compress(Encoder encoder, Span<byte> into, nuint room, ReadOnlySpan<byte> bytes, nuint length, int level);

    [LibraryImport(Library, EntryPoint = "ZSTD_compressBound")]
    private static partial nuint CompressBound(nuint length);

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    private static partial uint IsError(nuint result);

    [LibraryImport(Library, EntryPoint = "ZSTD_getErrorName")]
    private static partial nint ErrorName(nuint result);
}
